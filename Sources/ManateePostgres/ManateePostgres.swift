/// Placeholder.
enum ManateePostgresPlaceholder {}

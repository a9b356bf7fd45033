/// Placeholder.
enum ManateeAdminPlaceholder {}

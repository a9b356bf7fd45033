/// Placeholder.
enum ManateeLoggingPlaceholder {}

/// Placeholder.
enum ManateeSitterPlaceholder {}

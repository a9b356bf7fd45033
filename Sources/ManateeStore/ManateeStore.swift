/// Placeholder.
enum ManateeStorePlaceholder {}

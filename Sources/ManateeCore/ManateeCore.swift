/// Placeholder.
enum ManateeCorePlaceholder {}

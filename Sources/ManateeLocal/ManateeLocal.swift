/// Placeholder.
enum ManateeLocalPlaceholder {}

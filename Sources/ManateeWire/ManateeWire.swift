/// Placeholder.
enum ManateeWirePlaceholder {}

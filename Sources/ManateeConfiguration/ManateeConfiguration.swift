/// Placeholder.
enum ManateeConfigurationPlaceholder {}

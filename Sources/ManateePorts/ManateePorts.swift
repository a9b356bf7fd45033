/// Placeholder.
enum ManateePortsPlaceholder {}

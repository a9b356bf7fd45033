/// Placeholder.
enum ManateeHTTPPlaceholder {}

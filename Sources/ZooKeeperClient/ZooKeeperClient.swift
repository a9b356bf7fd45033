/// Placeholder.
enum ZooKeeperClientPlaceholder {}

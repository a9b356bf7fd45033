/// The version of this software.
package enum ManateeVersion {
    /// The version as text; the original ended at 2.1.1.
    package static let text = "3.0.0"
}

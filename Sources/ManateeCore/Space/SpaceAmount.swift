/// An amount of room on a file system: so many bytes, or a part of all there is.
package enum SpaceAmount: Equatable, Sendable {
    /// So many bytes.
    case bytes(Int64)
    /// So many hundredths of the whole, 0 to 100.
    case percent(Int)

    /// What it is of a file system of `total` bytes.
    package func bytes(of total: Int64) -> Int64 {
        switch self {
        case .bytes(let bytes): bytes
        case .percent(let percent): total / 100 * Int64(percent)
        }
    }
}

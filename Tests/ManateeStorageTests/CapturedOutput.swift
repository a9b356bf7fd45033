import Foundation
import Testing

/// What a tool printed once.
func captured(_ name: String) throws -> String {
    let file = try #require(
        Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Captured")
    )
    return try String(contentsOf: file, encoding: .utf8)
}

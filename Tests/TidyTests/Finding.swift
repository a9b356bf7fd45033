/// Something that breaks a rule of the project, with the way out.
struct Finding: Equatable, CustomStringConvertible {
    var path: String
    /// Counted from 1.
    var line: Int
    var problem: String
    var instead: String

    var description: String { "\(path):\(line): \(problem); instead: \(instead)" }
}

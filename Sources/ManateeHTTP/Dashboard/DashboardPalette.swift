/// The colours of the page, for light and for dark surroundings.
///
/// Whatever is written in one of them on its ground has a contrast of 4.5 or more.
enum DashboardPalette {
    /// A colour that something is written in, and the one behind it.
    struct Pair {
        var name: String
        var light: (ink: String, ground: String)
        var dark: (ink: String, ground: String)
    }

    static let pairs: [Pair] = [
        Pair(name: "page", light: ("#1b2430", "#f3f5f8"), dark: ("#e7ebf1", "#0e1218")),
        Pair(name: "card", light: ("#1b2430", "#ffffff"), dark: ("#e7ebf1", "#171d26")),
        Pair(name: "quiet", light: ("#556070", "#ffffff"), dark: ("#a4afbd", "#171d26")),
        Pair(name: "faint", light: ("#556070", "#f3f5f8"), dark: ("#a4afbd", "#0e1218")),
        Pair(name: "link", light: ("#1a56b8", "#f3f5f8"), dark: ("#8ab8ff", "#0e1218")),
        Pair(name: "good", light: ("#0f6435", "#def4e6"), dark: ("#7fe0a5", "#12301f")),
        Pair(name: "warn", light: ("#764600", "#fdeecf"), dark: ("#f4c873", "#362709")),
        Pair(name: "bad", light: ("#9c1420", "#fde5e7"), dark: ("#ff9ea6", "#3b1418")),
        Pair(name: "info", light: ("#1a4fa3", "#e3edfd"), dark: ("#9dc3ff", "#14263f")),
        Pair(name: "calm", light: ("#44505f", "#e9edf2"), dark: ("#c0c9d4", "#252d38")),
    ]

    /// Areas and lines, which nothing is written on.
    static let shapes: [(name: String, light: String, dark: String)] = [
        ("line", "#d8dee6", "#2c3542"),
        ("arrow", "#7b8796", "#8b97a6"),
        ("detect", "#c2483d", "#f0857b"),
        ("decide", "#b7791f", "#e5b04f"),
        ("fence", "#7f56c5", "#b594ee"),
        ("promote", "#2f6fd0", "#78aaf5"),
        ("attach", "#158a8a", "#4fc4c4"),
        ("open", "#2c8a4b", "#6acb89"),
    ]

    /// The colours as variables of a style sheet.
    static var css: String {
        let light = pairs.map { variables($0.name, $0.light) }.joined()
        let dark = pairs.map { variables($0.name, $0.dark) }.joined()
        let lightShapes = shapes.map { "--\($0.name):\($0.light);" }.joined()
        let darkShapes = shapes.map { "--\($0.name):\($0.dark);" }.joined()
        return """
            :root{color-scheme:light dark;\(light)\(lightShapes)}
            @media (prefers-color-scheme:dark){:root{\(dark)\(darkShapes)}}

            """
    }

    private static func variables(_ name: String, _ pair: (ink: String, ground: String)) -> String {
        "--\(name):\(pair.ink);--\(name)-ground:\(pair.ground);"
    }
}

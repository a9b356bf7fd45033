/// A table of text with fixed widths, meant to be read by people and by `awk` alike.
///
/// Columns are separated by one blank and padded to their width, the last one too; a longer value
/// overflows rather than being cut.
package struct Table: Equatable, Sendable {
    /// On which side a value touches its column's edge.
    package enum Alignment: Sendable {
        /// Blanks follow the value.
        case left
        /// Blanks precede the value.
        case right
    }

    /// One column.
    package struct Column: Equatable, Sendable {
        /// The text in the header.
        package var label: String
        /// The least width, in characters.
        package var width: Int
        /// Where shorter values stand.
        package var alignment: Alignment

        /// A column under `label`.
        package init(_ label: String, width: Int, alignment: Alignment = .left) {
            self.label = label
            self.width = width
            self.alignment = alignment
        }

        fileprivate func padded(_ value: String) -> String {
            let padding = String(repeating: " ", count: max(0, width - value.count))
            return switch alignment {
            case .left: value + padding
            case .right: padding + value
            }
        }
    }

    /// The columns from left to right.
    package var columns: [Column]
    /// The rows from top to bottom, each with one value per column.
    package var rows: [[String]]

    /// Whole lines that stand below each row; rows without any may be left out at the end.
    package var notes: [String]

    /// A table of these columns, rows and notes.
    package init(columns: [Column], rows: [[String]], notes: [String] = []) {
        self.columns = columns
        self.rows = rows
        self.notes = notes
    }

    /// The table's lines, each ended by a newline.
    package func text(omitHeader: Bool = false) -> String {
        let header = omitHeader ? "" : line(columns.map(\.label))
        let body = rows.enumerated().map { index, row in
            line(row) + (notes.indices.contains(index) ? notes[index] : "")
        }
        return header + body.joined()
    }

    private func line(_ values: [String]) -> String {
        zip(columns, values).map { $0.padded($1) }.joined(separator: " ") + "\n"
    }
}

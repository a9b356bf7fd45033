import ArgumentParser

/// The option that answers a command's questions beforehand.
struct ConfirmOptions: ParsableArguments {
    @Flag(
        name: [.customShort("y"), .customLong("yes"), .customLong("ignorePrompts")],
        help: "Ask nothing: the answer is yes."
    )
    var yes = false

    /// Asks whether to go on; only `yes` and `y` say so.
    ///
    /// - Throws: `AdmFailure` if the answer is another one, or nobody can be asked.
    func confirm(_ question: String, in session: AdmSession) throws {
        if yes { return }
        guard session.ports.console.isAttended else {
            throw AdmFailure.operation(
                "the standard input is no terminal, so nobody can be asked to confirm; "
                    + "give --yes to go on all the same"
            )
        }
        try session.remark("\(question) (yes/no) ")
        let answer = session.ports.console.readLine()
        // The end of input leaves the cursor behind the question.
        if answer == nil { try session.remark("\n") }
        guard answer == "yes" || answer == "y" else {
            throw AdmFailure.operation("aborted; nothing was changed")
        }
    }
}

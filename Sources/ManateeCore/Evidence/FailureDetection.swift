/// How soon which evidence is acted on: one input, a profile, from which the rest follows.
///
/// Shorter is never less safe, only more nervous: a wrong suspicion costs a pause, not data.
package struct FailureDetection: Hashable, Sendable {
    /// Named settings.
    package enum Profile: String, Hashable, Sendable, CaseIterable {
        /// For peers in one rack, on machines that have time for them.
        case fast
        /// For ordinary networks and loaded machines; the default.
        case balanced
        /// For peers far apart, and for machines that stand still for seconds.
        case conservative
    }

    /// How often a peer says that it lives; 10 ms to 1 min.
    package var beatInterval: Duration
    /// How long a peer may be silent until it is suspected; at least four intervals.
    package var silence: Duration
    /// How long both of its ports must refuse connections until it is taken for gone.
    package var refusal: Duration
    /// How long a postgres that restarts by itself, or is started again, may take.
    package var restartBudget: Duration
    /// How long a primary that lost its postgres waits for the sync before it starts it again.
    package var standAside: Duration
    /// The shortest time between the beginning of a generation and a change on suspicion.
    package var calm: Duration
    /// How long suspicion waits for a generation whose sync was never seen attached.
    package var patience: Duration

    /// The settings of `profile`.
    package init(_ profile: Profile = .balanced) {
        switch profile {
        case .fast:
            beatInterval = .milliseconds(100)
            silence = .milliseconds(1000)
            refusal = .milliseconds(200)
            restartBudget = .milliseconds(500)
            standAside = .milliseconds(1500)
            calm = .seconds(3)
            patience = .seconds(10)
        case .balanced:
            beatInterval = .milliseconds(250)
            silence = .milliseconds(2000)
            refusal = .milliseconds(300)
            restartBudget = .milliseconds(1000)
            standAside = .milliseconds(2000)
            calm = .seconds(5)
            patience = .seconds(15)
        case .conservative:
            beatInterval = .milliseconds(1000)
            silence = .milliseconds(8000)
            refusal = .milliseconds(2000)
            restartBudget = .milliseconds(5000)
            standAside = .milliseconds(5000)
            calm = .seconds(30)
            patience = .seconds(60)
        }
    }

    /// After how much silence a peer tells the others that it misses somebody.
    ///
    /// Less than `silence`, so that the testimony is there when it is asked for.
    package var doubt: Duration { silence * 3 / 4 }

    /// How late its own timer may be before a peer knows that it stood still itself.
    package var standstill: Duration { beatInterval + beatInterval }

    /// The time between two attempts to connect to a peer that was lost from sight.
    package var knockInterval: Duration { refusal / 3 }

    /// How long one such attempt may take.
    package var knockLimit: Duration { silence / 4 }

    /// The limits that can be set one by one, by the names that operators know them by.
    package static var named: [(name: String, limit: WritableKeyPath<FailureDetection, Duration>)] {
        [
            ("beatInterval", \.beatInterval), ("silence", \.silence), ("refusal", \.refusal),
            ("restartBudget", \.restartBudget), ("standAside", \.standAside), ("calm", \.calm),
            ("patience", \.patience),
        ]
    }

    /// What cannot work about these settings, in an operator's words.
    package var problems: [String] {
        var problems: [String] = []
        if beatInterval <= .zero { problems.append("beatInterval must be longer than 0") }
        if silence < beatInterval * 4 {
            problems.append("silence must be at least four times beatInterval")
        }
        if refusal <= .zero { problems.append("refusal must be longer than 0") }
        if patience < calm { problems.append("patience must not be shorter than calm") }
        return problems
    }
}

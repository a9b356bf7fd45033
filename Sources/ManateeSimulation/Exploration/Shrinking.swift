/// Makes the script of a failed history as short as it can be while the same rule still breaks.
package enum Shrinking {
    /// The shortest script found, by leaving out faults and then shortening what is left.
    ///
    /// - Parameters:
    ///   - plan: a plan whose history breaks a rule.
    ///   - rule: the rule.
    /// - Returns: the same plan with fewer and shorter faults.
    package static func shrink(_ plan: Plan, breaking rule: Violation.Rule) -> Plan {
        var best = plan
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for index in best.faults.indices.reversed() {
                var candidate = best
                candidate.faults.remove(at: index)
                guard Outcome(of: candidate).violation?.rule == rule else { continue }
                best = candidate
                isSmaller = true
            }
        }
        for index in best.faults.indices {
            var candidate = best
            candidate.faults[index].span = .milliseconds(
                candidate.faults[index].span.microseconds / 2000
            )
            guard Outcome(of: candidate).violation?.rule == rule else { continue }
            best = candidate
        }
        return best
    }
}

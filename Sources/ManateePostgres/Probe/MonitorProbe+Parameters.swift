package import ManateeCore
import ManateePorts

extension MonitorProbe: ParameterProbe {
    /// Connects, asks for all parameters, and disconnects.
    package func parameters(
        of peer: Peer,
        within limit: Duration
    ) async -> Result<[String: ServerParameter], EffectFailure> {
        let deadline = ContinuousClock.now + limit
        do throws(PostgresError) {
            let connection = try await PostgresConnection.open(target(peer), within: limit)
            let rows = try await connection.query(
                """
                select name, setting, unit, vartype, context, min_val, max_val, \
                array_to_string(enumvals, ','), pending_restart from pg_settings
                """,
                within: deadline - ContinuousClock.now
            )
            await connection.close()
            let parameters = rows.compactMap(Self.parameter)
            return .success(Dictionary(parameters.map { ($0.name.lowercased(), $0) }) { $1 })
        } catch {
            return .failure(EffectFailure(ProbeCause(error).text))
        }
    }

    private static func parameter(_ columns: PostgresConnection.Row) -> ServerParameter? {
        guard columns.count == 9, let name = columns[0],
            let kind = columns[3].flatMap(ServerParameter.Kind.init(rawValue:))
        else { return nil }
        return ServerParameter(
            name: name,
            setting: columns[1] ?? "",
            unit: columns[2],
            kind: kind,
            context: columns[4] ?? "",
            minimum: columns[5].flatMap { Double($0) },
            maximum: columns[6].flatMap { Double($0) },
            choices: (columns[7] ?? "").split(separator: ",").map(String.init),
            isPendingRestart: columns[8] == "t"
        )
    }
}

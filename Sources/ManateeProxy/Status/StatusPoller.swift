/// Asks sitters how far their servers are and whom they admit.
///
/// Everybody in the topology is asked once in an interval; and while clients wait, the primary again and
/// again, so that they wait no longer than they must.
struct StatusPoller: Sendable {
    let hub: ProxyHub
    let portOffset: Int
    let interval: Duration

    /// Between two questions to a primary for which clients wait.
    private static let haste = Duration.milliseconds(20)
    /// How long an answer may take.
    private static let patience = Duration.seconds(1)

    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.askAll() }
            group.addTask { await self.askForTheWaiting() }
        }
    }

    private func askAll() async {
        while !Task.isCancelled {
            let backends = hub.look { $0.routing.topology?.all ?? [] }
            await withDiscardingTaskGroup { group in
                for backend in backends { group.addTask { await ask(backend) } }
            }
            // Fails only if the task is cancelled, and then the loop ends.
            try? await Task.sleep(for: interval)
        }
    }

    private func askForTheWaiting() async {
        for await _ in hub.urgency {
            while !Task.isCancelled {
                let (primary, isAwaited) = hub.look {
                    ($0.routing.topology?.primary, !$0.routing.held.isEmpty)
                }
                guard isAwaited, let primary else { break }
                await ask(primary)
                // Fails only if the task is cancelled, and then the loop ends.
                try? await Task.sleep(for: Self.haste)
            }
        }
    }

    private func ask(_ backend: Backend) async {
        let port = backend.port + portOffset
        let response = await StatusRequest.send(
            host: backend.host,
            port: port,
            within: Self.patience
        )
        guard !Task.isCancelled else { return }
        hub.reported(backend, response.flatMap { SitterWord.report(in: $0) })
    }
}

import ManateeCore
import ManateePorts

/// What a peer knows already that speaks against an order.
struct OrderCheck {
    let view: PeerView
    /// The peer that is asked.
    let zoneID: String

    /// Why `order` is not possible now, and what to do; nil if nothing is known against it.
    func refusal(of order: ShardOrder) -> String? {
        guard view.storeConnected else {
            return "this peer is not connected to the store; ask another, or wait until it is back"
        }
        guard let state = view.state?.state else { return "the shard is not set up" }
        switch order {
        case .freeze:
            return state.freeze.map {
                "the shard is frozen already: \($0.reason ?? "no reason given")"
            }
        case .unfreeze:
            return state.freeze == nil ? "the shard is not frozen" : nil
        case .clearPromote:
            return state.promote == nil ? "no request to promote is pending" : nil
        case .switchover:
            return refusal(ofPromoting: nil, in: state)
        case .promote(let name):
            return refusal(ofPromoting: name, in: state)
        case .reap(let name):
            return state.deposed.contains { $0.isCalled(name) }
                ? nil : "\(name.prefix(60)) is not deposed"
        case .restore:
            return refusalOfRestore(in: state)
        }
    }

    private func refusalOfRestore(in state: ClusterState) -> String? {
        do {
            _ = try Rebuild.place(of: zoneID, in: state)
            return nil
        } catch {
            return error.message
        }
    }

    private func refusal(ofPromoting name: String?, in state: ClusterState) -> String? {
        do {
            let peer = try PromotionPlan(promoting: name, in: state).peer
            if state.promote != nil { return "a request to promote is pending already" }
            guard view.activePeers.contains(peer) else {
                return "\(peer.zoneID) does not stand for election; start its sitter"
            }
            return nil
        } catch {
            return error.message
        }
    }
}

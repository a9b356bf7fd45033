import Foundation
import HTTPTypes
import HummingbirdTesting
import ManateeCore
import ManateePorts
import NIOCore
import Testing

@testable import ManateeHTTP

@Suite("The dashboard")
struct DashboardTests {
    private static let browser: HTTPFields = [
        .accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    ]

    private func page(_ asking: Asking) async throws -> String {
        let response = try await asking.ask("/", headers: Self.browser)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        return String(buffer: response.body)
    }

    private static let sentences: [DashboardState: [String]] = [
        .healthy: ["All is well", "on the disks of db2 and db3", "Nothing is wrong"],
        .syncLost: ["The sync is lost", "commits wait", "ECONNREFUSED", "cannot replace the sync"],
        .failingOver: [
            "Failing over", "db2 is gone. db3 is taking over.", "cluster write or wait",
        ],
        .frozen: ["Frozen", "new disks in rack 3", "nobody takes over"],
        .deposedAndRejoining: [
            "A former primary is not back yet", "db1 was deposed", "bringing the own copy back",
            "Not in the chain",
        ],
        .storeUnreachable: ["The store is unreachable", "nobody can change roles"],
    ]

    @Test(arguments: DashboardState.allCases)
    func `says what matters in each state`(state: DashboardState) async throws {
        let page = try await page(state.asking)
        for sentence in try #require(Self.sentences[state]) {
            #expect(page.contains(sentence), "\(sentence)")
        }
        for name in ["db1", "db2", "db3"] { #expect(page.contains("<h3>\(name)</h3>")) }
    }

    @Test func `shows positions, lag, generations and the phases of the last failover`()
        async throws
    {
        let page = try await page(DashboardState.healthy.asking)
        #expect(page.contains("3/4A128F40 · TL 3"))
        #expect(page.contains("312 B behind"))
        #expect(page.contains("1.7 MB behind"))
        #expect(page.contains("sync (db2) took over as primary (from db1)"))
        #expect(page.contains("<strong>2.1 s</strong>"))
        #expect(page.contains("<title>promote: 121 ms</title>"))
        #expect(page.contains("because the stream from the primary ended"))
    }

    @Test func `is for browsers; others get the paths of the original`() async throws {
        let list = "/\n/ping\n/state\n/restore\n"
        for accept in [nil, "*/*", "text/plain", "application/json", "text/html;q=0"] {
            var headers = HTTPFields()
            headers[.accept] = accept
            let response = try await Asking().ask("/", headers: headers)
            #expect(String(buffer: response.body) == list, "\(accept ?? "-")")
        }
    }

    @Test func `needs nothing from elsewhere, and lets nothing else run`() async throws {
        for state in DashboardState.allCases {
            let response = try await state.asking.ask("/", headers: Self.browser)
            let page = String(buffer: response.body)
            let targets = page.matches(of: /(?:src|href|action)="([^"]*)"/).map { $0.output.1 }
            #expect(targets.allSatisfy { $0.hasPrefix("/") || $0.hasPrefix("#") || $0 == "data:," })
            #expect(!page.contains("http://") && !page.contains("https://"))
            // The policy forbids style attributes and handlers, so there must be none.
            #expect(!page.contains(" style=") && !page.contains(" onclick="))
            let policy = try #require(response.headers[.contentSecurityPolicy])
            let nonce = try #require(page.firstMatch(of: /<script nonce="([^"]+)"/)?.output.1)
            #expect(policy.contains("script-src 'nonce-\(nonce)'"))
            #expect(policy.hasPrefix("default-src 'none'"))
        }
    }

    @Test func `refreshes itself without script, too`() async throws {
        let page = try await page(DashboardState.healthy.asking)
        #expect(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"))
    }

    @Test func `escapes whatever a peer or an operator may have written`() async throws {
        var asking = DashboardState.frozen.asking
        asking.status.view.state?.state.freeze = .explained([
            "reason": .string("<script>alert('x')</script>&\"")
        ])
        asking.status.view.state?.state.primary.zoneID = "<img src=x onerror=y>"
        asking.surroundings.picture?.issues = [.init(isError: true, text: "</main><b>")]
        let page = try await page(asking)
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"))
        #expect(
            !page.contains("<script>alert") && !page.contains("<img")
                && !page.contains("</main><b>")
        )
    }

    @Test func `is well-formed and labelled`() async throws {
        for state in DashboardState.allCases {
            let page = try await page(state.asking)
            #expect(unclosed(page) == [], "\(state)")
            // Each section has its heading, each picture words or none to say.
            let labels = page.matches(of: /aria-labelledby="([a-z]+)"/).map { $0.output.1 }
            for label in labels { #expect(page.contains("id=\"\(label)\""), "\(label)") }
            for picture in page.matches(of: /<svg [^>]*>/) {
                let tag = picture.output
                #expect(
                    tag.contains("aria-hidden=\"true\"") || tag.contains("aria-label="),
                    "\(tag)"
                )
            }
            let ids = page.matches(of: /\bid="([^"]+)"/).map { $0.output.1 }
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func `has a contrast of 4.5 or more wherever something is written`() throws {
        for pair in DashboardPalette.pairs {
            for (ink, ground) in [pair.light, pair.dark] {
                let contrast = try contrast(ink, ground)
                #expect(contrast >= 4.5, "\(pair.name): \(ink) on \(ground) has \(contrast)")
            }
        }
        let cards = try #require(DashboardPalette.pairs.first { $0.name == "card" })
        for shape in DashboardPalette.shapes where shape.name != "line" {
            #expect(try contrast(shape.light, cards.light.ground) >= 3, "\(shape.name)")
            #expect(try contrast(shape.dark, cards.dark.ground) >= 3, "\(shape.name)")
        }
    }

    @Test func `has words for numbers`() {
        #expect(Words.bytes(0) == "0 B")
        #expect(Words.bytes(1023) == "1023 B")
        #expect(Words.bytes(1536) == "1.5 kB")
        #expect(Words.bytes(5 << 30) == "5 GB")
        #expect(Words.duration(.milliseconds(85)) == "85 ms")
        #expect(Words.duration(.milliseconds(2096)) == "2.1 s")
        #expect(Words.duration(.seconds(300)) == "5 min")
    }

    // MARK: Measuring

    /// The elements that are not closed, or closed without having been opened.
    private func unclosed(_ page: String) -> [String] {
        let alone: Set<String> = ["meta", "link", "path", "circle", "rect"]
        var open: [String] = []
        var wrong: [String] = []
        let body = page.replacing(/<(script|style)[^>]*>[\s\S]*?<\/(script|style)>/, with: "")
        for tag in body.matches(of: /<(\/?)([a-z0-9]+)[^>]*?(\/?)>/) {
            let name = String(tag.output.2)
            if alone.contains(name) || tag.output.3 == "/" { continue }
            if tag.output.1.isEmpty {
                open.append(name)
            } else if open.popLast() != name {
                wrong.append("</\(name)>")
            }
        }
        return wrong + open
    }

    /// The contrast of two colours as WCAG 2 defines it.
    private func contrast(_ first: String, _ second: String) throws -> Double {
        let lights = try [first, second].map(luminance).sorted()
        return (lights[1] + 0.05) / (lights[0] + 0.05)
    }

    private func luminance(_ colour: String) throws -> Double {
        let number = try #require(UInt32(colour.dropFirst(), radix: 16))
        let parts = [16, 8, 0].map { shift -> Double in
            let value = Double(number >> UInt32(shift) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}

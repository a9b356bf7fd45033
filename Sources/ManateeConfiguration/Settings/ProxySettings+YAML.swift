extension ProxySettings {
    /// The file that documents all keys.
    private static let sample = "etc/manatee-proxy.yaml"

    /// Reads the file at `path`.
    ///
    /// - Throws: everything that is wrong with it, at once.
    package static func load(
        _ path: String,
        environment: [String: String] = [:]
    ) throws(InvalidConfiguration) -> ProxySettings {
        try ProxySettings(
            text: try SettingsSource.text(of: path, program: "proxy", sample: sample),
            file: path,
            environment: environment
        )
    }

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: the file's content, YAML.
    ///   - file: its name, for messages.
    ///   - environment: variables called `MANATEE_SECTION_KEY` override the file's keys.
    /// - Throws: everything that is wrong with it, at once.
    package init(
        text: String,
        file: String,
        environment: [String: String] = [:]
    ) throws(InvalidConfiguration) {
        var reading = SettingsReading(
            file: file,
            root: try YAMLReader.read(text, file: file, sample: Self.sample),
            environment: environment,
            sample: Self.sample
        )
        let settings = ProxySettings(yaml: &reading)
        let problems = reading.problems + reading.unknownKeys
        guard problems.isEmpty, let settings else {
            throw InvalidConfiguration(problems.inFileOrder)
        }
        self = settings
    }

    /// Nil if something is missing or wrong, which `file` then tells.
    private init?(yaml file: inout SettingsReading) {
        let shardPath = file.required("shardPath", .path, example: "/manatee/1")
        let zooKeeper = SitterSettings.ZooKeeperSettings(yaml: &file)
        readWrite = Port(yaml: &file, section: "readWrite", port: 6432)
        let reads = file.value("readOnly.enabled", .boolean, default: true)
        let readOnly = Port(yaml: &file, section: "readOnly", port: 6433)
        self.readOnly = reads ? readOnly : nil
        reading = Reading(
            maximumLag: file.value("readOnly.maximumLag", .bytes, default: 64 << 20),
            balance: file.value("readOnly.balance", .choice, default: .roundRobin),
            primaryFallback: file.value("readOnly.primaryFallback", .boolean, default: true)
        )
        let hasAdmin = file.value("admin.enabled", .boolean, default: true)
        let admin = Admin(
            listenAddress: file.value("admin.listenAddress", .listenAddress, default: "127.0.0.1"),
            port: file.value("admin.port", .port, default: 6434)
        )
        self.admin = hasAdmin ? admin : nil
        hold = Hold(
            time: file.value(
                "hold.time",
                .duration(.zero ... .seconds(3600)),
                default: .seconds(30)
            ),
            connections: file.value("hold.connections", .count(0...1_000_000), default: 1000)
        )
        status = Status(
            portOffset: file.value("status.portOffset", .count(1...1000), default: 1),
            interval: file.value(
                "status.interval",
                .duration(.milliseconds(100) ... .seconds(60)),
                default: .seconds(1)
            )
        )
        connectTimeout = file.value(
            "connectTimeout",
            .duration(.milliseconds(100) ... .seconds(60)),
            default: .seconds(2)
        )
        sendProxyProtocol = file.value("sendProxyProtocol", .choice, default: .off)
        drainTimeout = file.value(
            "drainTimeout",
            .duration(.zero ... .seconds(3600)),
            default: .seconds(30)
        )
        threads = file.optional("threads", .count(1...256))
        logLevel = file.value("logLevel", .choice, default: .info)
        guard let shardPath, let zooKeeper else { return nil }
        self.shardPath = shardPath
        self.zooKeeper = zooKeeper
        checkPorts(&file)
    }

    /// No two listen at the same place.
    private func checkPorts(_ file: inout SettingsReading) {
        var places: [(key: String, address: String, port: Int)] = [
            ("readWrite.port", readWrite.listenAddress, readWrite.port)
        ]
        if let readOnly { places.append(("readOnly.port", readOnly.listenAddress, readOnly.port)) }
        if let admin { places.append(("admin.port", admin.listenAddress, admin.port)) }
        for (index, place) in places.enumerated() {
            let earlier = places[..<index].first {
                $0.port == place.port
                    && ($0.address == place.address
                        || [$0.address, place.address].contains("0.0.0.0"))
            }
            guard let earlier else { continue }
            file.complain(
                place.key,
                found: "\(place.port), which \(earlier.key) has too",
                expected: "a port of its own",
                remedy: "choose another"
            )
        }
    }
}

extension ProxySettings.Port {
    init(yaml file: inout SettingsReading, section: String, port: Int) {
        listenAddress = file.value(
            "\(section).listenAddress",
            .listenAddress,
            default: "127.0.0.1"
        )
        self.port = file.value("\(section).port", .port, default: port)
        maxConnections = file.value(
            "\(section).maxConnections",
            .count(1...1_000_000),
            default: 1000
        )
        acceptProxyProtocol = file.value(
            "\(section).acceptProxyProtocol",
            .boolean,
            default: false
        )
    }
}

extension SettingKind where Value == Int {
    /// A number of bytes, with the units of PostgreSQL.
    fileprivate static var bytes: Self {
        SettingKind(
            expected: "a size with its unit, kB, MB, GB or TB",
            remedy: "write for example 64MB"
        ) { text, _ in
            let units = ["kB", "MB", "GB", "TB"]
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard digits.count < 10, let number = Int(digits),
                let unit = units.firstIndex(of: String(text.dropFirst(digits.count)))
            else { return nil }
            return number << (10 * (unit + 1))
        }
    }
}

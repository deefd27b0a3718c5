import YAML

/// What an account's entry of a token file says beside its token: in place of which settings of `graph.*`.
struct AccountEntry {
    /// Why an entry cannot be used, to be read behind the place; shows no secret.
    struct Fault: Error, Hashable {
        let description: String
    }

    private static let names = ["pathID", "baseURL", "appSecret"]

    let accountID: String
    private let entry: YAMLNode

    init(of accountID: String, _ entry: YAMLNode) {
        self.accountID = accountID
        self.entry = entry
    }

    /// The settings; empty where the entry has none.
    func settings() throws(Fault) -> AccountSettings {
        guard let members = entry.map else { return AccountSettings() }
        for member in members { try refuseMisspelt(member.key.text) }
        return AccountSettings(
            pathID: try value("pathID", Self.pathID),
            baseURL: try value("baseURL", .baseURL(example: "https://graph.facebook.com")),
            appSecret: try value("appSecret", .appSecret)
        )
    }

    /// A line about what is allowed and probably not meant; nil where nothing is.
    static func warning(of settings: AccountSettings, _ accountID: String) -> String? {
        guard let url = settings.baseURL, ConfigurationCheck.isUnencrypted(url) else { return nil }
        return "the access token of account \(accountID) goes to \(url) unencrypted; write an https URL"
    }

    private static let pathID = ValueFormat<String>.checked(
        "id",
        accepted: "1 to 32 digits, with Facebook Login the Page's id"
    ) { ConfigurationFamily.isAccountID($0) ? nil : "is not an id" }

    private func value<Value>(_ name: String, _ format: ValueFormat<Value>) throws(Fault) -> Value? {
        guard let node = entry[name] else { return nil }
        guard let scalar = node.scalar, !scalar.isProbablyCut else {
            let hint =
                node.scalar == nil
                ? "is no text; write \(format.accepted)"
                : "lost its text, or the end of it, to a comment or a name; quote a text that holds # or begins with &"
            throw Fault(description: "\(name) of account \(accountID) \(hint)")
        }
        guard !scalar.isNull else { return nil }
        switch format.parse(scalar.text) {
        case .success(let value): return value
        case .failure(let refusal):
            throw Fault(description: "\(name) of account \(accountID) \(refusal.reason)")
        }
    }

    /// Other members are the owner's notes, but for a name that was probably meant as one of these: the account would be
    /// called at another place, or as another application.
    private func refuseMisspelt(_ name: String) throws(Fault) {
        guard !Self.names.contains(name) else { return }
        let letters = name.filter { $0 != "_" && $0 != "-" }
        guard let meant = NearestName.of(letters, among: Self.names, limit: 2) else { return }
        throw Fault(
            description: "the entry of account \(accountID) has a member that nothing reads; did you mean \(meant)?"
        )
    }
}

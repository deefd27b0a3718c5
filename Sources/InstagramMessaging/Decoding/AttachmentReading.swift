/// The types that an attachment may have.
enum AttachmentReading {
    static let types = ["image", "audio", "video", "file", "like_heart", "MEDIA_SHARE", "template"]
}

extension RequestReading {
    private static let attachment = ObjectSchema("type", "payload")
    private static let media = ObjectSchema("url", "attachment_id", "is_reusable")
    private static let share = ObjectSchema("id", "attachment_id")

    /// Reads the object `attachment`.
    mutating func attachment(_ value: JSONValue) -> Content? {
        guard let members = members(of: value, Self.attachment) else { return nil }
        guard let type = string("type", in: members, isRequired: true) else { return nil }
        switch type {
        case "image": return media(.image, in: members).map { .image($0) }
        case "audio": return media(.audio, in: members).map { .audio($0) }
        case "video": return media(.video, in: members).map { .video($0) }
        case "file": return media(.file, in: members).map { .file($0) }
        case "like_heart":
            refuse("payload", in: members, "the sticker like_heart takes no payload; leave it out")
            return .sticker
        case "MEDIA_SHARE":
            return payload(in: members, "an object with id or attachment_id", Self.share) { reading, payload in
                reading.checkOne(of: "id", "attachment_id", in: payload)
                let post = reading.graphID("id", in: payload).map(SharedPost.post(id:))
                let upload = reading.graphID("attachment_id", in: payload).map(SharedPost.uploaded(attachmentID:))
                return (post ?? upload).map { .share($0) }
            }
        case "template":
            return payload(in: members, "an object with template_type", Self.template) { $0.template($1) }
        default:
            report(
                .attachmentTypeUnknown,
                at: "type",
                "type is \"\(type.shortened(to: 32))\"; known are \(AttachmentReading.types.joined(separator: ", "))"
            )
            return nil
        }
    }

    /// Reads the array `attachments`.
    mutating func images(in members: RequestMembers) -> [MediaSource]? {
        guard let elements = array("attachments", in: members) else { return nil }
        checkCount(elements, of: "attachments", 1...MessageLimits.images, .attachmentsCount)
        return readEach(elements, of: "attachments") { reading, element in
            guard let members = reading.members(of: element, Self.attachment) else { return nil }
            guard let type = reading.string("type", in: members, isRequired: true) else { return nil }
            if type == "image" { return reading.media(.image, in: members) }
            reading.report(
                .attachmentsOnlyImages,
                at: "type",
                "type is \"\(type.shortened(to: 32))\"; attachments takes images only: send others"
                    + " one by one as attachment"
            )
            return nil
        }
    }

    private mutating func media(_ kind: MediaReference.Kind, in members: RequestMembers) -> MediaSource? {
        payload(in: members, "an object with url or attachment_id", Self.media) { reading, payload in
            reading.checkOne(of: "url", "attachment_id", in: payload)
            let url = reading.url("url", in: payload, kind: kind)
            let attachmentID = reading.graphID("attachment_id", in: payload)
            if payload["url"] == nil, attachmentID != nil {
                reading.refuse("is_reusable", in: payload, "it stands beside a url only; what has an id is uploaded")
            }
            let isReusable = reading.boolean("is_reusable", in: payload) ?? false
            if let url { return .url(url, isReusable: isReusable) }
            return attachmentID.map(MediaSource.uploaded(attachmentID:))
        }
    }

    private mutating func checkOne(of first: String, _ second: String, in members: RequestMembers) {
        let hasFirst = members[first] != nil
        guard hasFirst == (members[second] != nil) else { return }
        let count = hasFirst ? "both" : "neither"
        report(.attachmentOneOf, "has \(count) of \(first) and \(second); give exactly one of them")
    }

    private mutating func payload<Result>(
        in members: RequestMembers,
        _ expected: String,
        _ schema: ObjectSchema,
        _ read: (inout Self, RequestMembers) -> Result?
    ) -> Result? {
        guard let value = members["payload"] else {
            reportMissing("payload", expected, in: members)
            return nil
        }
        return within("payload") { reading in
            reading.members(of: value, schema).flatMap { read(&reading, $0) }
        }
    }

    /// Reads and checks a URL. With a kind, its file extension is checked too. URLs are never repeated in a message:
    /// they may hold signatures that open a private file.
    mutating func url(
        _ name: String,
        in members: RequestMembers,
        isRequired: Bool = false,
        kind: MediaReference.Kind? = nil
    ) -> String? {
        guard let text = string(name, in: members, isRequired: isRequired) else { return nil }
        do throws(WebURL.Fault) {
            let url = try WebURL(text)
            if url.hasUserInfo {
                report(
                    .urlUserInfo,
                    at: name,
                    "\(name) holds a user name or password; use a URL without, signed if need be"
                )
            }
            if !options.allowsPrivateHosts, !url.host.isPublic {
                report(
                    .urlPrivateHost,
                    at: name,
                    "the host of \(name) is loopback, link-local, private or reserved; use one on the public internet"
                )
            }
            if let kind, let fileExtension = url.fileExtension { checkExtension(fileExtension, of: name, kind: kind) }
            return text
        } catch {
            report(fault: error, of: name)
            return nil
        }
    }

    private mutating func checkExtension(_ fileExtension: String, of name: String, kind: MediaReference.Kind) {
        guard MediaExtensions.refuses(fileExtension, for: kind) else { return }
        let accepted = MediaExtensions.accepted(for: kind).joined(separator: ", ")
        report(
            .urlExtension,
            at: name,
            "\(name) leads to a .\(fileExtension) file; type \(kind.rawValue) takes \(accepted): convert the file or"
                + " choose another type"
        )
    }

    private mutating func report(fault: WebURL.Fault, of name: String) {
        switch fault {
        case .notAbsolute:
            report(.urlForm, at: name, "\(name) is no absolute URL; write it like https://example.com/path")
        case .scheme(let scheme):
            report(.urlScheme, at: name, "\(name) has the scheme \"\(scheme)\"; only http and https are allowed")
        case .illegalByte(let offset):
            let advice = "percent-encode it (a host: write it in its ASCII form, xn--…)"
            report(.urlForm, at: name, "\(name) holds a character at byte \(offset) that a URL cannot hold; \(advice)")
        case .percentEscape(let offset):
            report(
                .urlForm,
                at: name,
                "\(name) has a % without two hexadecimal digits at byte \(offset); write %25 for %"
            )
        case .host:
            report(.urlForm, at: name, "\(name) has no well-formed host; write it like https://example.com/path")
        case .port:
            report(.urlForm, at: name, "the port of \(name) is no number from 1 to 65535; correct it or leave it out")
        }
    }
}

import HTTP
import HTTPCodec
import InstagramMessaging
import Testing

@testable import SendWorker

@Suite("Media preflight: types and sizes")
struct MediaRulesTests {
    private func finding(
        _ kind: MediaReference.Kind,
        status: Int = 200,
        url: String = "https://example.com/a",
        _ headers: [(String, String)]
    ) -> MediaFinding {
        MediaFinding(head: HTTPResponse(status: status, headers: HTTPHeaders(headers)), kind: kind, url: url)
    }

    private func isRefused(_ finding: MediaFinding, by rule: RuleID) -> Bool {
        if case .refused(rule, _) = finding { true } else { false }
    }

    @Test(
        "documented types are fine, in any case and with parameters",
        arguments: [
            (MediaReference.Kind.image, "image/png"), (.image, "IMAGE/JPEG"), (.image, "image/gif; charset=x"),
            (.audio, "audio/aac"), (.audio, "audio/mp4"), (.audio, "audio/x-wav"), (.audio, "audio/x-m4a"),
            (.audio, "video/mp4"), (.video, "video/mp4"), (.video, "video/quicktime"), (.video, "video/webm"),
            (.video, "video/x-msvideo"), (.video, "application/ogg"), (.file, "application/pdf"),
        ]
    )
    func accepted(kind: MediaReference.Kind, type: String) {
        #expect(finding(kind, [("content-type", type)]) == .fine)
    }

    @Test("an .ogg video is fine as web servers serve it, and nothing else is a video for being served as a recording")
    func oggVideo() {
        let type = [("Content-Type", "audio/ogg; codecs=opus")]
        #expect(finding(.video, url: "https://example.com/a.OGG?x=1", type) == .fine)
        for url in ["https://example.com/a", "https://example.com/a.mp4", "https://example.com/ogg", "a.ogg"] {
            #expect(isRefused(finding(.video, url: url, type), by: .mediaType), "\(url)")
        }
        #expect(isRefused(finding(.audio, url: "https://example.com/a.ogg", type), by: .mediaType))
        #expect(
            isRefused(
                finding(.video, url: "https://example.com/a.ogg", [("Content-Type", "audio/mpeg")]),
                by: .mediaType
            )
        )
    }

    @Test(
        "types that the platform does not take are refused",
        arguments: [
            (MediaReference.Kind.image, "text/html; charset=utf-8"), (.image, "image/webp"), (.image, "video/mp4"),
            (.image, "image/svg+xml"), (.audio, "audio/mpeg"), (.audio, "application/json"), (.video, "image/gif"),
            (.video, "video/x-matroska"), (.file, "application/msword"), (.file, "text/html"),
        ]
    )
    func refused(kind: MediaReference.Kind, type: String) {
        #expect(isRefused(finding(kind, [("Content-Type", type)]), by: .mediaType))
    }

    @Test(
        "types that say nothing certain refuse nothing",
        arguments: [
            (MediaReference.Kind.image, "application/octet-stream"), (.image, ""), (.image, "nonsense"),
            (.image, "text/plain"), (.image, "image/x-new"), (.audio, "audio/x-new"), (.file, "binary/octet-stream"),
        ]
    )
    func inconclusive(kind: MediaReference.Kind, type: String) {
        #expect(finding(kind, [("Content-Type", type)]) == .inconclusive)
    }

    @Test("the limits are 8 MB for images and 25 MB for everything else, to the byte")
    func sizes() {
        for (kind, type, megabytes) in [
            (MediaReference.Kind.image, "image/png", 8), (.audio, "audio/aac", 25), (.video, "video/mp4", 25),
            (.file, "application/pdf", 25),
        ] {
            let limit = megabytes * 1_048_576
            for length in [limit - 1, limit] {
                #expect(finding(kind, [("Content-Type", type), ("Content-Length", "\(length)")]) == .fine)
            }
            let larger = finding(kind, [("Content-Type", type), ("Content-Length", "\(limit + 1)")])
            #expect(isRefused(larger, by: .mediaSize))
        }
    }

    @Test("a partial answer tells the size of the whole file in its range")
    func range() {
        let type = ("Content-Type", "image/png")
        let small = finding(.image, status: 206, [type, ("Content-Range", "bytes 0-0/1000")])
        let large = finding(.image, status: 206, [type, ("Content-Range", "bytes 0-0/9000000")])
        let open = finding(
            .image,
            status: 206,
            [type, ("Content-Range", "bytes 0-0/*"), ("Content-Length", "99999999")]
        )
        #expect(small == .fine)
        #expect(isRefused(large, by: .mediaSize))
        #expect(open == .fine)
    }

    @Test("a large file of unknown type is refused for its size")
    func largeUnknown() {
        #expect(isRefused(finding(.file, [("Content-Length", "99999999")]), by: .mediaSize))
    }

    @Test("the length of a compressed transfer is not the file's")
    func compressed() {
        let headers = [("Content-Type", "image/png"), ("Content-Length", "99999999"), ("Content-Encoding", "gzip")]
        #expect(finding(.image, headers) == .fine)
    }

    @Test("an error page says nothing about the file", arguments: [401, 403, 404, 405, 500, 503])
    func errors(status: Int) {
        let headers = [("Content-Type", "text/html"), ("Content-Length", "99999999")]
        #expect(finding(.image, status: status, headers) == .inconclusive)
    }
}

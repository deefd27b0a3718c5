/// The status page: its files, as they are served.
///
/// Their text comes from `Page/` and is put into the binary by Tests/Tools/embed-page.
enum StatusPage {
    /// A file and where it is found.
    struct File: Sendable {
        var path: String
        var contentType: String
        var text: String
    }

    static let files =
        [
            File(path: "/", contentType: "text/html; charset=utf-8", text: indexHtml),
            File(path: "/page/status.css", contentType: "text/css; charset=utf-8", text: statusCss),
            File(path: "/page/icon.svg", contentType: "image/svg+xml", text: iconSvg),
        ] + scripts.map { File(path: "/page/\($0.name)", contentType: "text/javascript; charset=utf-8", text: $0.text) }

    /// Nothing but the page's own files may be loaded, and nobody may put the page into theirs.
    static let securityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let scripts: [(name: String, text: String)] = [
        ("accounts.js", accountsJs),
        ("charts.js", chartsJs),
        ("dom.js", domJs),
        ("format.js", formatJs),
        ("main.js", mainJs),
        ("overview.js", overviewJs),
        ("panels.js", panelsJs),
        ("theme.js", themeJs),
        ("words.js", wordsJs),
    ]
}

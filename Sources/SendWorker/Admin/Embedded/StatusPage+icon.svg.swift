// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let iconSvg = #"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="8" fill="#1d5fa8"/>
  <path d="M7 15.4 25 7.5 20.4 25l-5.2-5.6L22 11l-9.3 7.1z" fill="#fff"/>
</svg>

"""#
}

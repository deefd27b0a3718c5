/// The page at `/`: what can be asked for.
enum AdminIndex {
    static let page = """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>send-worker</title></head>
        <body>
        <h1>send-worker</h1>
        <ul>
        <li><a href="/healthz">/healthz</a>: the process and its loops move</li>
        <li><a href="/readyz">/readyz</a>: assigned and able to commit</li>
        <li><a href="/metrics">/metrics</a>: Prometheus text</li>
        <li><a href="/api/status">/api/status</a>: state as JSON</li>
        <li>/api/accounts/&lt;id&gt;: why an account is waiting</li>
        <li>POST /api/resume, with admin.token: send again after a pause</li>
        </ul>
        </body>
        </html>

        """
}

// Generated from Sources/SendWorker/Admin/Page by Tests/Tools/embed-page.
// swift-format-ignore-file
extension StatusPage {
    static let indexHtml = #"""
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="referrer" content="no-referrer">
  <meta name="color-scheme" content="light dark">
  <title>send-worker</title>
  <link rel="icon" href="page/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="page/status.css">
  <script type="module" src="page/main.js"></script>
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="top">
    <div class="brand">
      <img src="page/icon.svg" alt="" width="28" height="28">
      <h1>send-worker</h1>
    </div>
    <dl class="facts">
      <div><dt>Group</dt><dd id="fact-group">–</dd></div>
      <div><dt>Replica</dt><dd id="fact-replica">–</dd></div>
      <div><dt>Version</dt><dd id="fact-version">–</dd></div>
      <div><dt>Up for</dt><dd id="fact-uptime">–</dd></div>
    </dl>
    <p class="live" id="live">connecting</p>
    <fieldset class="theme">
      <legend class="hidden">Colours</legend>
      <label><input type="radio" name="theme" value="auto" checked><span>Auto</span></label>
      <label><input type="radio" name="theme" value="light"><span>Light</span></label>
      <label><input type="radio" name="theme" value="dark"><span>Dark</span></label>
    </fieldset>
  </header>

  <main id="main">
    <noscript><p class="banner bad">This page needs JavaScript. The same data is at <a href="api/status">/api/status</a>.</p></noscript>
    <div id="stale" class="banner bad" hidden>
      <p role="alert"><strong>The worker does not answer.</strong> <span id="stale-since"></span></p>
      <p id="stale-age"></p>
    </div>
    <div id="valve" class="banner warn" role="status" hidden>
      <strong id="valve-title"></strong>
      <span id="valve-text"></span>
    </div>

    <section id="verdict" class="verdict" aria-labelledby="verdict-title">
      <span class="mark" id="verdict-mark" aria-hidden="true">…</span>
      <div>
        <h2 id="verdict-title" role="status">Connecting</h2>
        <ul id="verdict-reasons" class="reasons"></ul>
      </div>
    </section>

    <section aria-labelledby="now-title">
      <h2 id="now-title" class="hidden">Now</h2>
      <dl class="figures" id="figures"></dl>
    </section>

    <div class="columns">
      <div class="stacked">
        <section class="card" aria-labelledby="results-title">
          <header><h2 id="results-title">Results</h2><p class="aside">last 5 minutes, per 5 seconds</p></header>
          <div class="chart" id="results-chart"></div>
          <table class="plain" id="results-table">
            <caption class="hidden">Results by status in the last five minutes and since the start</caption>
          </table>
        </section>

        <section class="card" aria-labelledby="accounts-title">
          <header>
            <h2 id="accounts-title">Accounts that wait</h2>
            <form id="lookup" class="lookup" role="search" novalidate>
              <label for="lookup-id">Account id</label>
              <input id="lookup-id" name="id" inputmode="numeric" autocomplete="off" spellcheck="false" maxlength="32" size="19">
              <button type="submit">Look up</button>
            </form>
          </header>
          <p id="lookup-problem" class="problem" role="alert" hidden></p>
          <section id="account" class="account" aria-labelledby="account-title" tabindex="-1" hidden>
            <header><h3 id="account-title"></h3><button type="button" id="account-close">Close</button></header>
            <p id="account-why"></p>
            <dl id="account-facts" class="pairs"></dl>
          </section>
          <ul class="tally" id="account-tally" aria-label="Accounts with requests, by state"></ul>
          <div class="scroll" tabindex="0" role="region" aria-label="Accounts that wait">
            <table class="stack" id="accounts-table">
              <caption class="hidden">Accounts that wait, why, and until when</caption>
            </table>
          </div>
          <p class="empty" id="accounts-empty" hidden>No account waits.</p>
          <p class="aside" id="accounts-more" hidden></p>
        </section>
      </div>

      <div class="stacked">
        <section class="card" aria-labelledby="latency-title">
          <header><h2 id="latency-title">Latency</h2><p class="aside">request to result: <span class="swatch p50"></span>p50 <span class="swatch p99"></span>p99</p></header>
          <div class="chart" id="latency-chart"></div>
          <table class="plain" id="latency-table">
            <caption class="hidden">Latency in the last five minutes</caption>
          </table>
        </section>

        <section class="card" aria-labelledby="endpoint-title">
          <header><h2 id="endpoint-title">Endpoint</h2><p class="aside" id="endpoint-host"></p></header>
          <p class="state" id="endpoint-state"></p>
          <table class="plain" id="endpoint-table">
            <caption>Calls by outcome, last 5 minutes</caption>
          </table>
          <p class="empty" id="endpoint-empty" hidden>No call in the last 5 minutes.</p>
        </section>

        <section class="card" aria-labelledby="partitions-title">
          <header><h2 id="partitions-title">Partitions</h2><p class="aside" id="partitions-topic"></p></header>
          <div class="scroll" tabindex="0" role="region" aria-label="Partitions">
            <table class="plain" id="partitions-table">
              <caption class="hidden">Partitions of this replica: lag, requests fetched and not finished, committed offset</caption>
            </table>
          </div>
          <p class="empty" id="partitions-empty" hidden>No partition is assigned.</p>
          <button type="button" id="partitions-all" aria-expanded="false" hidden></button>
        </section>
      </div>
    </div>

    <section class="card" aria-labelledby="letters-title">
      <header><h2 id="letters-title">Dead letters</h2><p class="aside" id="letters-total"></p></header>
      <ul class="tally" id="letters-tally" aria-label="Dead letters by category since the start"></ul>
      <div class="scroll" tabindex="0" role="region" aria-label="The last dead letters">
        <table class="stack" id="letters-table">
          <caption class="hidden">The last dead letters, the newest first</caption>
        </table>
      </div>
      <p class="empty" id="letters-empty" hidden>None since the start.</p>
    </section>
  </main>

  <footer>
    <p>The same as data: <a href="api/status">/api/status</a>, /api/accounts/&lt;id&gt;.
      Others: <a href="metrics">/metrics</a>, <a href="healthz">/healthz</a>, <a href="readyz">/readyz</a>.</p>
  </footer>
</body>
</html>

"""#
}

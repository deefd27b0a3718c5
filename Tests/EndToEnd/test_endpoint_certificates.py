"""What is said of an endpoint whose certificate is refused: the reason in words, with graph.caFile and without it."""

import os
import ssl

import pytest

from stage.certificates import Authority, TLSServer
from stage.traffic import account_id, text_request
from stage.verdicts import assert_all_sent, decoded
from stage.waiting import wait_until
from stage.worker import set_options

#: What a library would call things, and where it was built.
INTERNALS = ("BoringSSL", "OPENSSL", "SSL routines", "X509", "/build", "/src/", ".cc:", ".c:", ".swift", "errno", "Optional(")


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    directory = tmp_path_factory.mktemp("authorities")
    return Authority(directory, "the right one"), Authority(directory, "another one")


def case(name, words, trusted=True, **certificate):
    return pytest.param(words, trusted, certificate, id=name)


CASES = [
    case("not trusted", 'not trusted: its issuer "the right one" is not among the authorities', trusted=False),
    case("not trusted with a file", 'not trusted: its issuer "the right one" is not among the authorities', trusted=None),
    case("expired", "the server's certificate expired at ", begins=-3, ends=-1),
    case("not yet valid", "the server's certificate is not yet valid: only from ", begins=1, ends=2),
    case("other name", "the server's certificate is for other.example, not for 127.0.0.1", names="DNS:other.example"),
]


def graph_line(scene, settings):
    """What `config --check` says of the endpoint."""
    done = scene.command("config", "--check", *set_options({**scene.settings, **settings}))
    lines = [line for line in done.stdout.splitlines() if " graph " in line]
    assert len(lines) == 1, done.stdout
    return lines[0]


def file_of(authorities, trusted):
    """graph.caFile: the right authority's, another's (None), or none (False)."""
    if trusted is False:
        return {}
    return {"graph.caFile": authorities[0 if trusted else 1].certificate}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("words, trusted, certificate", CASES)
def test_a_refused_certificate_is_explained(scene, authorities, words, trusted, certificate):
    with TLSServer(authorities[0].certify(**certificate)) as server:
        line = graph_line(scene, {"graph.baseURL": server.url, **file_of(authorities, trusted)})
        assert line.startswith("problem") and "does not answer: TLS failed: " in line and words in line, line
        assert trusted or "(graph.caFile)" in line, line
        assert not any(internal in line for internal in INTERNALS), line
        assert not server.calls


@pytest.mark.timeout(60)
def test_a_server_that_asks_for_a_certificate_is_named_as_such(scene, authorities):
    # Before 1.3 the handshake fails; with it the refusal comes behind the first bytes that are written.
    for newest in (None, ssl.TLSVersion.TLSv1_2):
        with TLSServer(authorities[0].certify(), authorities[0].certificate, newest) as server:
            line = graph_line(scene, {"graph.baseURL": server.url, **file_of(authorities, True)})
            assert line.startswith("problem") and "the server asks for a client's certificate and gets none" in line, line
            assert not server.calls


@pytest.mark.timeout(60)
def test_nothing_older_than_tls_1_2_is_spoken(scene, authorities):
    own = file_of(authorities, True)
    with TLSServer(authorities[0].certify(), newest=ssl.TLSVersion.TLSv1_1) as server:
        line = graph_line(scene, {"graph.baseURL": server.url, **own})
        assert line.startswith("problem") and "no version of TLS that is allowed here: 1.2 and up" in line, line
    with TLSServer(authorities[0].certify(), newest=ssl.TLSVersion.TLSv1_2) as server:
        assert graph_line(scene, {"graph.baseURL": server.url, **own}).startswith("ok")


@pytest.mark.timeout(120)
def test_requests_wait_for_a_certificate_that_is_trusted(scene, authorities, tmp_path):
    """Nothing is sent until the file holds the right authority; the account that has the host of its own goes there."""
    file = tmp_path / "ca.pem"
    file.write_text(authorities[1].certificate.read_text())
    with TLSServer(authorities[0].certify()) as server:
        tokens = tmp_path / "own.yaml"
        tokens.write_text(
            f"{account_id(0)}: IGSECRETa\n{account_id(1)}: {{token: IGSECRETb, pathID: '77', baseURL: '{server.url}'}}\n"
        )
        settings = {"graph.caFile": file, "tokens.file": tokens, "retry.initialDelay": "100ms", "retry.maxDelay": "1s"}
        worker = scene.start_worker(settings).wait_until_ready()
        scene.topics.publish_requests([text_request("waits", account=1)])

        def account():
            page = worker.page(f"/api/accounts/{account_id(1)}")
            return page.json() if page is not None and page.status_code == 200 else {}

        def explanation():
            # While it is called again there is no head that waits.
            page = account()
            said = page.get("head", {}).get("last_error") or ""
            return (page, said) if 'not trusted: its issuer "the right one"' in said else None

        page, said = wait_until(explanation, "the account's page says why nothing is sent", 30, alive=[worker.process])
        assert page["base_url"] == server.url and page["path_id"] == "77"
        assert not any(internal in said for internal in INTERNALS)
        draft = file.with_suffix(".draft")
        draft.write_text(authorities[1].certificate.read_text() + authorities[0].certificate.read_text())
        os.replace(draft, file)
        worker.wait_for_log("graph.caFile has changed; new connections use it")
        scene.results.wait_for(1, timeout=40, alive=[worker.process])
        assert_all_sent(decoded(scene.results.read_to_end()))
        assert server.calls == ["/v23.0/77/messages"]
        assert not any(internal in line for line in worker.log_lines for internal in INTERNALS)
        scene.stop_worker(worker)

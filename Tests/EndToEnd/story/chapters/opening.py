"""Everything is started, and an ordinary message goes out."""

from story.backends import SHOP, compact, text

CONFIGURATION = """\
kafka:
  bootstrapServers: {bootstrap}{more}
graph:
  baseURL: http://127.0.0.1:{simulator}    # the simulator in Instagram's place
validation:
  allowPrivateHosts: true           # because it is on this machine
tokens:
  file: tokens.yaml                 # account id: access token
admin:
  port: {admin}"""
#: Where the story's own broker is not Kafka.
STRATEGY = """
  properties:
    partition.assignment.strategy: range    # for this broker; Kafka needs no such line"""
#: Where the broker is given, so that nothing of the story meets what others do on it.
NAMES = """
  groupId: {group}
topics:
  requests: {requests}
  results: {results}
  deadLetters: {deadLetters}
  state: {state}"""


def the_stage_is_set(theatre):
    theatre.broker.start()
    theatre.write("send-worker.yaml", configuration(theatre))
    theatre.teller.prose(
        f"""A Kafka broker listens on {theatre.broker.bootstrap}. The configuration names it, the simulator that stands in
        for Instagram, and the file with the accounts' tokens:"""
    )
    theatre.run("cat send-worker.yaml")
    created = theatre.run("send-worker topics create --config send-worker.yaml --partitions 6")
    theatre.check(created.count("created") == 4, "all four topics are created", created)
    theatre.start("simulator", f"send-worker simulator --port {theatre.simulator_port}")
    theatre.run_until(f"curl -s {theatre.simulator}/health", lambda answer: answer != "", "the simulator answers")
    start_worker(theatre)


def configuration(theatre):
    names = NAMES.format(group=theatre.topics.group, **theatre.topic_names)
    return CONFIGURATION.format(
        bootstrap=theatre.broker.bootstrap,
        simulator=theatre.simulator_port,
        admin=theatre.admin_port,
        more=("" if theatre.broker.is_kafka else STRATEGY) if theatre.broker.is_own else names,
    )


def start_worker(theatre):
    worker = theatre.start("worker", "send-worker run --config send-worker.yaml")
    theatre.run_until(f"curl -s {theatre.admin}/readyz", lambda answer: '"ready"' in answer, "the worker is ready")
    theatre.check(True, "the worker is ready")
    return worker


def a_message_is_sent(theatre):
    request = text("hello-1", SHOP, "90210", "Hello")
    theatre.teller.prose("A backend publishes a request. `--wait` stays for the result, and the exit code tells how it ended.")
    theatre.ledger.expect(request, "sent")
    output = theatre.run(f"echo '{compact(request)}' | send-worker publish --config send-worker.yaml --wait")
    theatre.check("1 of 1 requests were sent" in output, "it is sent", output)

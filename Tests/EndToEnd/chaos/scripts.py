"""What is done to replicas, brokers and connections; each is a script for the director."""

import time


def kill(arena, replica, restart_after=0.0, expire_after=None):
    """kill -9, and a new life after a while."""
    replica.is_taken = True
    life = replica.life
    life.kill()
    arena.diary.tell("kill -9", life.name)
    arena.expire(life, after=expire_after)
    replica.close_last()
    yield restart_after
    replica.begin()
    replica.is_taken = False


def zombie(arena, replica, beyond=2.0):
    """Stops a replica for longer than its session, so that others take over, and lets it go on."""
    replica.is_taken = True
    life = replica.life
    life.stop()
    incident = arena.diary.tell("zombie", life.name)
    arena.expire(life)
    yield max(arena.settings.session, arena.settings.expiry) + beyond
    yield lambda: arena.is_expired(life)
    incident.end = time.monotonic()
    life.go_on()
    replica.is_taken = False


def rolling_restart(arena, replicas=None):
    """SIGTERM for one replica after the other, each back at work before the next."""
    for replica in replicas or arena.replicas:
        yield lambda replica=replica: not replica.is_taken and replica.life.is_ready()
        replica.is_taken = True
        life = replica.life
        arena.diary.tell("SIGTERM", life.name)
        life.process.terminate()
        yield lambda life=life: not life.is_running
        if life.process.exit_code:
            arena.diary.bad_ends.append((life.name, life.process.exit_code))
            arena.expire(life)
        replica.close_last()
        replica.begin()
        replica.is_taken = False
        yield lambda replica=replica: replica.life.is_ready() or replica.is_taken or not replica.life.is_running


def cut_kafka(arena, replicas, seconds):
    """Resets connections to the broker and refuses new ones for a while."""
    lives = [replica.life for replica in replicas if replica.life.kafka_link]
    for life in lives:
        arena.diary.tell("broker cut off", life.name, seconds)
        life.kafka_link.cut()
    yield seconds
    for life in lives:
        if life.is_running:
            life.kafka_link.open()


def cut_graph(arena, replica, seconds):
    """Resets connections to the endpoint and refuses new ones for a while."""
    life = replica.life
    arena.diary.tell("endpoint cut off", life.name, seconds)
    life.graph_link.cut()
    yield seconds
    if life.is_running:
        life.graph_link.open()


def restart_broker(arena, seconds=2.0):
    """An orderly stop and start."""
    arena.publisher.pause()
    incident = arena.diary.tell("broker restart", "all")
    arena.broker.stop()
    yield seconds
    arena.broker.start()
    incident.end = time.monotonic()
    arena.publisher.resume()


def kill_broker(arena, node, restart_after):
    """kill -9 of one broker among several; the others take over what it led. It is back in all in-sync sets at the end."""
    arena.is_broker_taken = True
    incident = arena.diary.tell("broker kill -9", f"broker {node.id}")
    node.kill()
    yield restart_after
    node.begin()
    yield node.is_up
    yield arena.broker.is_in_sync
    incident.end = time.monotonic()
    arena.is_broker_taken = False


def roll_brokers(arena):
    """An orderly stop and start of one broker after the other, each in sync before the next."""
    arena.is_broker_taken = True
    for node in arena.broker.nodes:
        incident = arena.diary.tell("broker restart in turn", f"broker {node.id}")
        node.process.terminate()
        yield lambda node=node: not node.is_running
        node.begin()
        yield node.is_up
        yield arena.broker.is_in_sync
        incident.end = time.monotonic()
    arena.is_broker_taken = False


def dead_token(arena, account, seconds):
    """The account's token dies; later it gets a new one."""
    arena.scene.simulator.add_faults({"effect": "dead_token", "account": account, "for": f"{seconds * 1000:.0f}ms"})
    yield seconds + 0.5
    arena.scene.tokens.replace(account)


def graph_fault(arena, fault):
    arena.scene.simulator.add_faults(fault)
    yield 0

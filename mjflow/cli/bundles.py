"""Options that go together, as one value each: what the commands hand on to the work."""

from __future__ import annotations

from attrs import frozen
from cyclopts import Parameter

from mjflow.cli import flow_options, journal_options, options, simulator_options
from mjflow.cli.options import DEFAULT_NAME, DEFAULT_OUT


@Parameter(name="*")
@frozen(kw_only=True)
class Dialog:
    """Data for the dialog that a button may open."""

    prompt: options.DialogPrompt = None
    mask: options.DialogMask = None


@Parameter(name="*")
@frozen(kw_only=True)
class Saving:
    """Where finished pictures go."""

    out: options.Out = DEFAULT_OUT
    name: options.Name = DEFAULT_NAME


@Parameter(name="*")
@frozen(kw_only=True)
class Server:
    """Which server is spoken to."""

    base_url: options.BaseUrl = None
    dialect: options.Dialect = "auto"


SERVER_AS_SET = Server()


@Parameter(name="*")
@frozen(kw_only=True)
class Terms:
    """How a command works with the server."""

    server: Server = SERVER_AS_SET
    mode: options.SpeedMode = None
    #: Seconds from acceptance; `None` takes the client's own.
    deadline: options.Deadline = None


@Parameter(name="*")
@frozen(kw_only=True)
class Keeping:
    """Where it is remembered what was sent."""

    journal: journal_options.Journal = None
    #: The caller's own name for the act that a command begins with.
    key: journal_options.Key = None


@Parameter(name="*")
@frozen(kw_only=True)
class Sandbox:
    """The simulator inside a command that takes the place of the server."""

    #: Whether there is one; a folder also gets its books.
    simulate: simulator_options.Simulate = False
    profile: simulator_options.MaybeProfile = None
    fault: simulator_options.Faults = ()


@Parameter(name="*")
@frozen(kw_only=True)
class Simulation:
    """How a simulator that serves other processes behaves."""

    profile: simulator_options.Profile = "gateway"
    port: simulator_options.Port = 0
    speed: simulator_options.SimulatorSpeed = 20.0
    seed: simulator_options.Seed = 0
    fault: simulator_options.Faults = ()
    remix: simulator_options.Remix = False


@Parameter(name="*")
@frozen(kw_only=True)
class Limits:
    """How much a run may do."""

    max_cost: flow_options.MaxCost = None
    max_tasks: flow_options.MaxTasks = None
    max_in_flight: flow_options.MaxInFlight = None


@Parameter(name="*")
@frozen(kw_only=True)
class Material:
    """What a flow is run over."""

    inputs: flow_options.Inputs = None
    set: flow_options.Sets = ()


NO_DIALOG = Dialog()
SAVING = Saving()
TERMS = Terms()
NO_LIMITS = Limits()
NO_MATERIAL = Material()
KEEPING = Keeping()
NO_SANDBOX = Sandbox()
SIMULATION = Simulation()


@Parameter(name="*")
@frozen(kw_only=True)
class Course:
    """All that the acts which begin a chain have in common."""

    click: options.Clicks = ()
    dialog: Dialog = NO_DIALOG
    saving: Saving = SAVING
    terms: Terms = TERMS
    extra: options.Extra = ()
    keeping: Keeping = KEEPING
    sandbox: Sandbox = NO_SANDBOX
    json: options.Json = False


COURSE = Course()

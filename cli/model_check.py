"""``doctor``'s look at the model's endpoint, and at what agents ask of it."""

from cli.finding import Finding
from gateway.agents import load_agents
from gateway.model_catalog import check_models, load_models
from gateway.model_probing import probe_model
from gateway.settings import GatewaySettings


async def check_model() -> list[Finding]:
    """
    Say whether the endpoint answers and knows every agent's model.

    Raises:
        PolicyError: a setting, models.yaml or an agent is wrong; with its mend.
    """
    settings = GatewaySettings()
    agents = load_agents(settings.agents_folder).values()
    wanted = {agent.model.name for agent in agents if agent.model is not None}
    found = await probe_model(settings)
    if found is None:
        text = "none is configured: agents walk their playbooks"
        mend = "set MODEL_BASE_URL and models.yaml (docs/models.md)"
        return [Finding("models", ok=not wanted, text=text, mend=mend)]
    check_models(load_models(settings.models_file), agents, path=settings.models_file)
    if found.error:
        text = f"{found.url}: {found.error}"
        mend = "agents walk their playbooks until it answers"
        return [Finding("models", ok=False, text=text, mend=mend)]
    missing = found.missing(wanted)
    if missing:
        text = f"{found.url} does not name {', '.join(missing)}"
        mend = "name one that it has in the agent's definition and in models.yaml"
        return [Finding("models", ok=False, text=text, mend=mend)]
    named = ", ".join(sorted(wanted)) or "no agent asks one"
    return [Finding("models", ok=True, text=f"reached {found.url}: {named}")]

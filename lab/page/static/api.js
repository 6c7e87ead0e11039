// Talk to the lab; every refusal becomes an Error with the lab's own words.

async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const detail = typeof body.detail === "string" ? body.detail : "";
  const error = new Error(detail || `The lab answered ${response.status}.`);
  error.errors = body.detail?.errors;
  throw error;
}

export async function get(path) {
  return answerOf(await fetch(path, { headers: { accept: "application/json" } }));
}

export async function post(path, body = {}) {
  return answerOf(
    await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

// Calls `changed` at every change; EventSource reconnects by itself.
export function watch(changed, stateChanged) {
  const source = new EventSource("/lab/workspace/stream");
  source.addEventListener("change", changed);
  source.addEventListener("open", () => stateChanged(true));
  source.addEventListener("error", () => stateChanged(false));
}

// Files of the visitor's: chosen, sent to the server, known by an id from then on.

export const PICTURES = "image/png,image/jpeg,image/webp,image/gif";

/** Send a file; resolves to `{ id }`, or to `{ error }` with a sentence. */
export async function upload(file) {
  try {
    // What is far too large is for the server to refuse, and not worth the memory.
    if (file.size < 2 ** 25) await file.arrayBuffer();
  } catch {
    return { error: "The file can no longer be read. Choose it again." };
  }
  try {
    const answer = await fetch(`/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    return answer.ok ? await answer.json() : { error: "The file could not be taken. Choose another one." };
  } catch {
    return { error: "The page has lost its connection. Try again in a moment." };
  }
}

/** Let the visitor choose a picture; resolves to a File, or to null. */
export function choosePicture() {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: PICTURES, id: "chooser", hidden: true });
  document.getElementById("chooser")?.remove();
  document.body.append(input);
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(input.files[0] ?? null));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}

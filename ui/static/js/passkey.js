// Asks the browser for a passkey and sends its answer with the form that the button stands in.
// <button data-passkey="create|get" data-options="ID of a JSON script">; the form has a hidden input named credential.
const WORDS = {
  NotAllowedError: 'Nothing was chosen, or the time ran out. Press the button to try again.',
  InvalidStateError: 'This device has a passkey for your account already.',
  SecurityError: 'Passkeys work only over HTTPS, or on localhost by that name.',
}

function say (button, text) {
  const place = button.form.querySelector('[data-passkey-error]')
  place.textContent = text
  place.hidden = !text
}

async function run (button) {
  say(button, '')
  const options = JSON.parse(document.getElementById(button.dataset.options).textContent)
  try {
    const answer = await window.webauthnJSON[button.dataset.passkey](options)
    button.form.elements.credential.value = JSON.stringify(answer)
    button.form.requestSubmit()
  } catch (error) {
    say(button, WORDS[error.name] || 'The browser could not use a passkey here. Use a code instead.')
  }
}

for (const button of document.querySelectorAll('[data-passkey]')) {
  if (!window.PublicKeyCredential) {
    button.disabled = true
    say(button, WORDS.SecurityError)
  } else {
    button.addEventListener('click', () => run(button))
  }
}

"use strict";
// login: shows the token to the daemon, once, for a cookie: from the form, or from what follows # in
// the address, which browsers keep to themselves.

async function logIn(token) {
	const banner = document.getElementById("banner");
	try {
		const answer = await fetch("/login", {method: "POST", headers: {"Content-Type": "application/json"},
			body: JSON.stringify({token})});
		if (answer.ok) {
			location.reload();
			return;
		}
		banner.textContent = (await answer.json()).error;
	} catch (error) {
		banner.textContent = "The daemon does not answer.";
	}
	banner.hidden = false;
	document.getElementById("token").focus();
}

document.getElementById("form").addEventListener("submit", (event) => {
	event.preventDefault();
	logIn(document.getElementById("token").value.trim());
});

function takeFromAddress() {
	if (location.hash.length > 1 && !location.hash.startsWith("#/")) {
		const token = decodeURIComponent(location.hash.slice(1));
		history.replaceState(null, "", "/");
		logIn(token);
	}
}

window.addEventListener("hashchange", takeFromAddress);
document.getElementById("token").focus();
takeFromAddress();

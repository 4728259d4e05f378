// main: which view the address asks for, colours, keys.

const themes = ["system", "light", "dark"];

function themeSet(name) {
	if (name === "system") {
		delete document.documentElement.dataset.theme;
	} else {
		document.documentElement.dataset.theme = name;
	}
	byId("theme").textContent = {system: "◐ System", light: "☀ Light", dark: "☾ Dark"}[name];
	byId("theme").setAttribute("aria-label", "Colours: " + name);
	byId("theme").dataset.name = name;
	stateChanged();
}

function themeInit() {
	const kept = localStorage.getItem("stint-theme");
	themeSet(themes.includes(kept) ? kept : "system");
	byId("theme").addEventListener("click", () => {
		const next = themes[(themes.indexOf(byId("theme").dataset.name) + 1) % themes.length];
		localStorage.setItem("stint-theme", next);
		themeSet(next);
	});
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", stateChanged);
}

// #/, #/jobs/3, #/jobs/3/tasks/ID; a token that is left there is not kept in the address.
function route() {
	if (location.hash.length > 1 && !location.hash.startsWith("#/") && location.hash !== "#main") {
		history.replaceState(null, "", "/");
	}
	const parts = location.hash.split("/"), number = Number(parts[2]);
	const before = shown.job;
	shown.job = parts[1] === "jobs" && Number.isInteger(number) && number > 0 ? number : null;
	shown.task = shown.job !== null && parts[3] === "tasks" && parts.length === 5 ? decodeURIComponent(parts[4]) : null;
	byId("queue-view").hidden = shown.job !== null;
	byId("job-view").hidden = shown.job === null;
	byId("skip").textContent = shown.job === null ? "Skip to the jobs" : "Skip to the job";
	if (shown.job === null) {
		document.title = "stint";
		askRunning();
	}
	jobShow(shown.job);
	taskShow(shown.task);
	if (before !== shown.job) {
		banner("");
		window.scrollTo(0, 0);
		byId("main").focus({preventScroll: true});
	}
	stateChanged();
}

function keyPressed(event) {
	const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
	if (event.ctrlKey || event.metaKey || event.altKey) {
		return;
	}
	if (event.key === "/" && !typing) {
		event.preventDefault();
		byId(shown.job === null ? "filter" : "task-filter").focus();
	} else if (event.key === "Escape") {
		if (typing) {
			event.target.blur();
		} else if (shown.task !== null) {
			taskClose();
		} else if (shown.job !== null) {
			location.hash = "#/";
		}
	} else if (shown.job === null && (!typing || event.target.id === "filter") && !(typing && event.key.length === 1) &&
		!(event.key === "Enter" && /^(A|BUTTON)$/.test(event.target.tagName))) {
		queueKey(event);
	}
}

// Once a second, while somebody looks: ages, and the measures that move on.
function ticking() {
	if (!document.hidden) {
		stateChanged();
	}
}

function main() {
	themeInit();
	queueInit();
	jobInit();
	taskInit();
	window.addEventListener("hashchange", route);
	window.addEventListener("resize", stateChanged);
	document.addEventListener("keydown", keyPressed);
	document.addEventListener("visibilitychange", () => {
		askRunning();
		stateChanged();
	});
	byId("logout").addEventListener("click", async () => {
		await wish("/logout");
		location.replace("/");
	});
	byId("skip").addEventListener("click", (event) => {
		event.preventDefault();
		byId("main").focus();
	});
	setInterval(ticking, 1000);
	listen();
	route();
	document.documentElement.dataset.ready = "true";
}

main();

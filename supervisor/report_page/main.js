// main: reads the data, builds the page, and wires what belongs to no part alone.

let report = null;
const panels = [];

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
	themeChanged();
}

// A page from a file may have no storage; then the choice lasts as long as the page does.
function themeKept(name) {
	try {
		if (name !== undefined) {
			localStorage.setItem("stint-theme", name);
		}
		return localStorage.getItem("stint-theme");
	} catch (error) {
		return null;
	}
}

function themeChanged() {
	viewReadColors();
	legendDraw();
	viewChanged();
}

function themeInit() {
	const kept = themeKept();
	themeSet(themes.includes(kept) ? kept : "system");
	byId("theme").addEventListener("click", () => {
		const next = themes[(themes.indexOf(byId("theme").dataset.name) + 1) % themes.length];
		themeKept(next);
		themeSet(next);
	});
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themeChanged);
}

// The legend has what is in the picture, painted as it is there.
function legendInit() {
	const has = (test) => report.runs.some((run) => run.bars.kind.some((kind, i) => test(kind, run.bars.bad[i])));
	const entries = [["cpu", "computing", 0, 0], ["mixed", "some of each", 1, 0], ["wait", "waiting", 2, 0]]
		.filter((entry) => has((kind) => kind === entry[2]));
	if (has((kind, bad) => bad === 1 && kind !== EARLIER)) {
		entries.push(["not ok", "", report.runs[0].bars.kind[0] === 0 ? 0 : 2, 1]);
	}
	if (has((kind) => kind === EARLIER)) {
		entries.push(["earlier attempt", "", EARLIER, 1]);
	}
	for (const [name, about, kind, bad] of entries) {
		const canvas = make("canvas", {width: 44, height: 28, "aria-hidden": "true"});
		canvas.dataset.kind = kind;
		canvas.dataset.bad = bad;
		byId("legend").append(make("li", {}, canvas, name, about ? make("span", {className: "note"}, " " + about) : null));
	}
}

function legendDraw() {
	for (const canvas of byId("legend").querySelectorAll("canvas")) {
		const pen = canvas.getContext("2d");
		pen.setTransform(2, 0, 0, 2, 0, 0);
		pen.clearRect(0, 0, 22, 14);
		lanesPaintBar(pen, 0, 1, 22, 12, Number(canvas.dataset.kind), canvas.dataset.bad === "1", false);
	}
}

function toolsInit() {
	byId("zoom-in").addEventListener("click", () => viewZoom(1.6));
	byId("zoom-out").addEventListener("click", () => viewZoom(1 / 1.6));
	byId("zoom-fit").addEventListener("click", () => viewShow(0, view.end));
	byId("help").addEventListener("click", () => {
		byId("keys").hidden = !byId("keys").hidden;
		byId("help").setAttribute("aria-expanded", String(!byId("keys").hidden));
	});
	byId("path-toggle").hidden = !report.runs.some((run) => run.path.length > 1);
	byId("path").addEventListener("change", () => {
		view.showPath = byId("path").checked;
		viewChanged();
	});
	document.addEventListener("keydown", (event) => {
		const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
		if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
			event.preventDefault();
			byId("search").focus();
		} else if (event.key === "Escape" && view.selected !== null) {
			detailsClose();
		}
	});
	view.redraws.push(() => {
		byId("zoom-out").disabled = byId("zoom-fit").disabled = viewIsWhole();
	});
}

function sizesInit() {
	const resized = () => {
		document.documentElement.style.setProperty("--toolbar", byId("toolbar").offsetHeight + "px");
		viewChanged();
	};
	new ResizeObserver(resized).observe(byId("panels"));
	new ResizeObserver(resized).observe(byId("toolbar"));
	window.addEventListener("resize", resized);
	const print = (on) => {
		view.printing = on;
		document.documentElement.classList.toggle("printing", on);
		viewReadColors();
		legendDraw();
		viewDraw();
	};
	window.addEventListener("beforeprint", () => print(true));
	window.addEventListener("afterprint", () => print(false));
}

function start() {
	report = readData();
	view.end = Math.max(1, ...report.runs.map((run) => run.endUs));
	view.from = 0;
	view.to = view.end;
	const several = report.runs.length > 1;
	byId("facts").textContent = several ? plural(report.runs.length, "run") + " on one time axis" : summaryFacts(report.runs[0]);
	byId("summary").append(...(several ? summarySeveral(report.runs) : summaryOne(report.runs[0])));
	legendInit();
	themeInit();
	view.redraws.push(axisDraw);
	for (const run of report.runs) {
		const panel = panelMake(run, several);
		panels.push(panel);
		byId("panels").append(panel.element);
	}
	view.redraws.push(panelsDraw);
	idleShow();
	tableInit();
	toolsInit();
	sizesInit();
	byId("made").textContent = "Made by " + report.made + ", on one page that asks nothing of any network.";
	viewDraw();
	document.documentElement.dataset.ready = Math.round(performance.now());
}

start();

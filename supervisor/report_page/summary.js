// summary: the verdict and the measures, on top; and where idle core-seconds went.

function summaryFacts(run) {
	const summary = run.summary;
	const facts = [formatTime(run.wallUs) + (run.measured ? " with " + summary.model : "") + " on " + plural(summary.cores, "core")];
	if (run.began > 0) {
		facts.push("began " + formatDate(run.began));
	}
	if (run.gaps.length > 0) {
		const cutUs = run.gaps.reduce((sum, gap) => sum + gap[1], 0);
		facts.push(formatTime(cutUs) + " in which nothing ran left out");
	}
	return facts.join(" · ");
}

// 98 ok, 1 failed, 1 skipped
function summaryCounts(run) {
	const counts = make("span", {className: "counts"});
	for (const status of report.statuses) {
		const count = run.summary[status];
		if (count > 0) {
			counts.append(make("span", {className: "chip " + (status === "ok" ? "ok" : "bad")},
				formatCount(count) + " " + status), " ");
		}
	}
	if (run.attempts.length > 0) {
		counts.append(make("span", {className: "about"}, plural(run.attempts.length, "earlier attempt")), " ");
	}
	if (run.summary.not_started > 0) {
		counts.append(make("span", {className: "chip bad"}, formatCount(run.summary.not_started) + " not started"));
	}
	return counts;
}

// `value`: "2 min 10 s", "1.4 of 2 cores": numbers are large, words small.
function tile(name, value, about, part) {
	const shown = make("dd", {});
	for (const word of value.split(" ")) {
		shown.append(make("span", {className: /^[\d.,%]+$/.test(word) ? "value" : "unit"}, word), " ");
	}
	shown.append(make("span", {className: "about"}, about));
	const made = make("div", {className: "tile"}, make("dt", {}, name), shown);
	if (part !== undefined) {
		made.append(meter(part));
	}
	return made;
}

// A bar that says nothing new: the number beside it is what is read.
function meter(part, name) {
	const bar = make("span", {className: "meter " + (name || ""), "aria-hidden": "true"}, make("span", {}));
	bar.firstChild.hidden = part <= 0;
	bar.firstChild.style.width = Math.max(0, Math.min(100, 100 * part)).toFixed(2) + "%";
	return bar;
}

function summaryOne(run) {
	const summary = run.summary, cpuUs = (summary.user + summary.sys) * US;
	const tiles = make("dl", {className: "tiles"},
		tile("Wall", formatTime(run.wallUs), "bound " + formatTime(summary.bound * US)),
		tile("Efficiency", formatPercent(summary.efficiency), "bound ÷ wall", summary.efficiency),
		tile("Parallelism", significant(summary.parallelism) + " of\u00a0" + plural(summary.cores, "core").replace(" ", "\u00a0"),
			formatTime(cpuUs) + " of CPU time", summary.parallelism / summary.cores),
		tile("Concurrency", significantCount(summary.concurrency) + " tasks",
			"peak " + formatCount(summary.peak) + ", " + formatTime(summary.task_wall * US) + " in all"),
		tile("Tasks", formatCount(summary.tasks), summaryCounts(run)));
	const made = [make("p", {className: "verdict"}, summary.verdict), tiles];
	if (run.path.length > 1) {
		made.push(make("p", {className: "note"}, "Critical path, " + formatTime(summary.path_wall * US) + ": " +
			clip(summary.path.replaceAll(" -> ", " → "), 220)));
	}
	return made;
}

// Several runs: a row each, walls as bars beside each other.
function summarySeveral(runs) {
	const longest = Math.max(...runs.map((run) => run.wallUs)), first = runs[0];
	const head = make("tr", {});
	for (const name of ["Run", "Wall", "Over " + first.label, "Parallelism", "Concurrency", "Efficiency", "Tasks"]) {
		head.append(make("th", {scope: "col"}, name));
	}
	const body = make("tbody", {});
	for (const run of runs) {
		const summary = run.summary;
		body.append(make("tr", {}, make("th", {scope: "row"}, run.label),
			make("td", {className: "wall"}, make("div", {}, make("span", {}, formatTime(run.wallUs)), meter(run.wallUs / longest))),
			make("td", {}, "× " + (first.wallUs / Math.max(1, run.wallUs)).toFixed(2)),
			make("td", {}, significant(summary.parallelism) + " of " + summary.cores),
			make("td", {}, significantCount(summary.concurrency)),
			make("td", {}, formatPercent(summary.efficiency)),
			make("td", {}, summaryCounts(run))));
	}
	const made = [make("div", {className: "scroll", tabIndex: 0, role: "region", "aria-label": "The runs"},
		make("table", {className: "runs"}, make("thead", {}, head), body))];
	const best = runs.reduce((a, b) => (b.wallUs < a.wallUs ? b : a));
	made.unshift(make("p", {className: "verdict"}, best.label + " was fastest. " + best.summary.verdict));
	return made;
}

const idleAbout = {
	"start-up": "before the first task",
	"no ready task": "all that could run was running, or done",
	"needs": "tasks waited for others",
	"resources": "tasks waited for resources",
	"memory": "tasks waited for memory",
	"backoff": "a pause before another attempt",
	"caps": "a limit held tasks back",
	"overhead": "handing out tasks, and other work",
};

function idleShow() {
	const most = Math.max(...report.runs.map((run) => run.wallUs * run.summary.cores), 1);
	const estimated = report.runs.some((run) => !run.measured);
	byId("idle-note").textContent = "What the cores did, in core-seconds: wall × cores." +
		(estimated ? " The causes are estimated from the records: no summary of the run was at hand." : "");
	for (const run of report.runs) {
		byId("idle-runs").append(idleRun(run, most));
	}
}

function idleRun(run, most) {
	const body = make("tbody", {}), cpuUs = (run.summary.user + run.summary.sys) * US;
	const row = (name, about, us, kind) => body.append(make("tr", {},
		make("th", {scope: "row"}, name, run.place === 0 ? make("span", {className: "about"}, about) : null),
		make("td", {className: "number"}, us > 0 && us < 500 ? "< 0.001" : (us / US).toFixed(3)),
		make("td", {className: "bars"}, meter(us / most, kind))));
	row("computing", "user + sys of the tasks", cpuUs, "busy");
	for (const [cause, us] of run.idle.filter((each) => each[1] > 0).sort((a, b) => b[1] - a[1])) {
		row(cause, idleAbout[cause] || "", us, "idle");
	}
	return make("table", {className: "idle"},
		make("caption", {className: report.runs.length > 1 ? "" : "hidden"}, run.label), body);
}

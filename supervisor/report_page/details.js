// details: the record of the selected task: what it was, when, what it needed, what it said.

const NAMED_MOST = 30; // needs, or those that need it, that have a button

function statusChip(status) {
	return make("span", {className: "chip " + (status === "ok" ? "ok" : "bad")}, status);
}

// Pairs of name and value, the first of them fit for a tip.
function recordFacts(run, task) {
	const facts = [], started = run.start[task] >= 0, cpu = run.user[task] + run.sys[task];
	facts.push(["status", statusText(run, task)]);
	if (started) {
		const share = run.wall[task] > 0 ? " (" + formatPercent(cpu / run.wall[task]) + ")" : "";
		facts.push(["start", formatTime(run.start[task])], ["wall", formatTime(run.wall[task])],
			["CPU", formatTime(cpu) + share],
			["class", report.classes[run.class[task]] + (run.worker[task] >= 0 ? ", on worker " + run.worker[task] : "")]);
	}
	if (run.attempt[task] > 1) {
		facts.push(["attempt", String(run.attempt[task])]);
	}
	if (run.name[task] !== 0 && run.strings[run.name[task]] !== run.id[task]) {
		facts.push(["name", run.strings[run.name[task]]]);
	}
	if ((run.tag && run.tag[task]) || run.id[task].length > 80) {
		facts.push(["id", run.id[task]]);
	}
	if (started) {
		facts.push(["user + sys", formatTime(run.user[task]) + " + " + formatTime(run.sys[task])]);
	}
	if (run.maxrss[task] > 0) {
		facts.push(["memory", formatBytes(run.maxrss[task] * 1024)]);
	}
	return facts;
}

function statusText(run, task) {
	let text = report.statuses[run.status[task]];
	if (run.signal[task] !== 0) {
		text += ", signal " + run.signal[task];
	} else if (run.exit[task] > 0) {
		text += ", exit status " + run.exit[task];
	}
	return run.start[task] < 0 ? text + ", never began" : text;
}

// The selection of all parts of the page. `quietly`: it is not said.
function select(selected) {
	view.selected = selected;
	const pane = byId("details");
	if (selected === null) {
		pane.hidden = true;
		document.body.classList.remove("detailed");
	} else {
		const {run, task} = selected;
		pane.replaceChildren(...detailsOf(run, task));
		pane.hidden = false;
		pane.scrollTop = 0;
		document.body.classList.add("detailed");
		say(taskLabel(run, task) + ": " + recordFacts(run, task).slice(0, 4).map((fact) => fact.join(" ")).join(", "));
	}
	tableMarkSelected();
	viewChanged();
}

function detailsFocus() {
	if (view.selected !== null) {
		byId("details").focus();
	}
}

function detailsClose() {
	const within = byId("details").contains(document.activeElement);
	const panel = view.selected && panels.find((each) => each.run === view.selected.run);
	select(null);
	if (within && panel) {
		panel.canvas.focus({preventScroll: true});
	}
}

function detailsOf(run, task) {
	const status = report.statuses[run.status[task]];
	const several = report.runs.length > 1;
	const head = make("div", {className: "head"},
		make("div", {className: "whose"}, make("h2", {title: taskLabel(run, task)}, taskLabel(run, task)), statusChip(status),
			several ? make("span", {className: "note"}, run.label) : null),
		run.start[task] >= 0 ? button("Zoom to it", () => viewZoomTo(run, task)) : null,
		button("Close", detailsClose, {className: "quiet"}));
	const columns = make("div", {className: "columns"});
	const facts = make("section", {"aria-label": "Record"}, factList(recordFacts(run, task)));
	if (run.error[task] !== 0) {
		facts.prepend(make("p", {className: "error"}, run.strings[run.error[task]]));
	}
	columns.append(facts, ...detailsAttempts(run, task), ...detailsLinks(run, task), ...detailsOutput(run, task));
	return [head, columns];
}

function detailsAttempts(run, task) {
	const earlier = run.earlier.get(task);
	if (!earlier) {
		return [];
	}
	const list = make("ol", {className: "attempts"});
	for (const each of earlier) {
		list.append(make("li", {}, statusChip(report.statuses[each.status]), " at " + formatTime(each.start) +
			", took " + formatTime(each.wall) + (each.worker >= 0 ? ", worker " + each.worker : "")));
	}
	list.append(make("li", {}, statusChip(report.statuses[run.status[task]]), " the one that counts"));
	return [make("section", {"aria-label": "Attempts"}, make("h3", {}, "Attempts"), list)];
}

function detailsLinks(run, task) {
	const made = [];
	const add = (title, tasks, all) => {
		if (all === 0) {
			return;
		}
		const list = make("ul", {className: "links"});
		for (const other of tasks.slice(0, NAMED_MOST)) {
			list.append(make("li", {}, button(clip(taskLabel(run, other), 60), () => {
				select({run, task: other});
				viewReveal(run, other);
				detailsFocus();
			}, {className: run.status[other] === 0 ? "link" : "link failed"})));
		}
		const rest = all - Math.min(tasks.length, NAMED_MOST);
		if (rest > 0) {
			list.append(make("li", {className: "note"}, "and " + formatCount(rest) + " more"));
		}
		made.push(make("h3", {}, title), list);
	};
	const needs = needsOf(run, task), dependants = neededBy(run, task);
	add("Needs", needs, run.needCount[task]);
	add("Needed by", dependants, dependants.length);
	return made.length === 0 ? [] : [make("section", {"aria-label": "Needs"}, ...made)];
}

function detailsOutput(run, task) {
	const output = run.outputs.get(task);
	if (!output) {
		return [];
	}
	const section = make("section", {className: "output", "aria-label": "Output"});
	for (const [place, title] of [[1, "stdout"], [2, "stderr"]]) {
		const text = output[place], bytes = output[place + 2];
		if (bytes === 0) {
			continue;
		}
		const whole = new TextEncoder().encode(text).length >= bytes;
		section.append(make("h3", {}, title, make("span", {className: "note"}, " " + formatBytes(bytes) +
			(whole ? "" : text === "" ? ", not kept in this page" : ", its beginning"))));
		if (text !== "") {
			section.append(make("pre", {tabIndex: 0}, text));
		}
	}
	if (output[5] === 1) {
		section.append(make("p", {className: "note"}, "There was more than max_output let through."));
	}
	return [section];
}

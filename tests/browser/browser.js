// SPDX-License-Identifier: ISC
// browser: opens a report, or any page, in Chromium, and keeps what it should not have done: complaints on the
// console, violations of its policy, requests, dialogs.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const {chromium} = require("playwright-core");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];

// `allowed`: whether a page may ask for a URL.
async function launch(allowed, options) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stint-browser-"));
	const context = await chromium.launchPersistentContext(folder, {executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
		headless: true, timeout: 120000, args: FLAGS, viewport: {width: 1280, height: 900}, locale: "en-US", ...options});
	const page = context.pages()[0] || await context.newPage();
	context.setDefaultTimeout(120000); // the machine may be busy with other things
	const bad = [];
	page.on("console", (message) => bad.push("console: " + message.text()));
	page.on("pageerror", (error) => bad.push("error: " + error.stack));
	page.on("dialog", (dialog) => {
		bad.push("dialog: " + dialog.message());
		dialog.dismiss();
	});
	page.on("request", (request) => {
		if (!allowed(request.url())) {
			bad.push("request: " + request.url());
		}
	});
	await page.addInitScript(() => {
		document.addEventListener("securitypolicyviolation", (event) => {
			console.error("policy: " + event.violatedDirective + " " + event.blockedURI);
		});
	});
	return {
		page, bad,
		async close() {
			await context.close();
			fs.rmSync(folder, {recursive: true, force: true, maxRetries: 5});
		},
	};
}

async function open(file, options) {
	const browser = await launch((url) => /^(file:.*\.html|data:.*)$/.test(url), options);
	const began = performance.now();
	await browser.page.goto("file://" + path.resolve(file));
	await browser.page.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
	return {...browser, opened: performance.now() - began};
}

// What the n-th picture shows: from, to, coreSeconds, taskSeconds.
async function shown(page, n = 0) {
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	const data = await page.locator("canvas.picture").nth(n).evaluate((canvas) => ({...canvas.dataset}));
	return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Number(value)]));
}

// Where in the first picture the bar of a task is: its middle, for the mouse.
async function placeOf(page, id) {
	return page.evaluate((wanted) => {
		const panel = panels[0], run = panel.run, at = run.bars.ofTask[run.id.indexOf(wanted)];
		const lane = laneOfRow(run, run.bars.row[at]), box = lanesBarBox(run, at, lane, panel.plot);
		panel.canvas.scrollIntoView({block: "center"});
		const frame = panel.canvas.getBoundingClientRect();
		return {x: frame.left + box.x + box.width / 2, y: frame.top + box.y + lane.rowHeight / 2};
	}, id);
}

function near(value, wanted, part) {
	assert.ok(Math.abs(value - wanted) <= part * Math.abs(wanted), value + " is not within " + part + " of " + wanted);
}

module.exports = {launch, open, shown, placeOf, near};

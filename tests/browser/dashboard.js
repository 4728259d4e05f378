// SPDX-License-Identifier: ISC
// dashboard: node dashboard.js TOPIC URL TOKEN [ARG...]; what a person would notice of the dashboard
// of a running stintd, in Chromium. Exit status 0: it holds. Called by tests/e2e/dashboard.bats.
"use strict";
const assert = require("node:assert");
const {execFileSync} = require("node:child_process");
const fs = require("node:fs");
const {launch} = require("./browser.js");

const stint = (...args) => execFileSync(process.env.STINT, args, {encoding: "utf8"}).trim();
const row = (page, job) => page.locator(`#jobs tbody tr[data-job="${job}"]`);

// What was asked of a page that changes by itself becomes true.
async function becomes(page, test, argument) {
	await page.waitForFunction(test, argument);
}

// The address, and with it the view, changes a moment after the key.
async function goBack(page) {
	const details = await page.locator("#details").isVisible();
	await page.keyboard.press("Escape");
	await becomes(page, (id) => document.getElementById(id).hidden, details ? "details" : "job-view");
}

const topics = {
	async enters({page, bad}, url, token) {
		await page.goto(url);
		assert.strictEqual(await page.locator("#jobs").count(), 0);
		await page.locator("#token").fill("wrong");
		await page.keyboard.press("Enter");
		await becomes(page, () => !document.getElementById("banner").hidden);
		assert.match(await page.locator("#banner").textContent(), /not the token/);
		await page.locator("#token").fill(token);
		await page.getByRole("button", {name: "Log in"}).click();
		await page.waitForSelector("html[data-ready]");
		assert.strictEqual(await page.evaluate(() => document.cookie), "", "scripts do not see the cookie");
		assert.strictEqual(await page.evaluate(() => Object.keys(localStorage).length + Object.keys(sessionStorage).length), 0);
		await page.reload();
		await page.waitForSelector("html[data-ready]");
		await page.locator("#logout").click();
		await page.waitForSelector("#token");
		await page.goto(url + "#" + token); // it goes on on the page that is there
		await page.waitForSelector("html[data-ready]");
		assert.ok(!page.url().includes(token), "and the address does not keep it");
		await page.goto(url + "#" + token);
		await becomes(page, () => location.hash === "");
		// That is how Chromium says that one had to log in.
		assert.deepStrictEqual(bad.filter((each) => !each.includes("401")), []);
		bad.length = 0;
	},

	// A job is submitted while one looks: its row comes, its numbers go on, it ends.
	async lives({page}, url, token, examples) {
		await page.evaluate(() => document.getElementById("jobs").tBodies[0].rows.length);
		assert.match(await page.locator("#jobs tbody").textContent(), /There are no jobs/);
		const job = stint("submit", examples + "/mixed.json");
		await row(page, job).waitFor();
		await becomes(page, () => Number(document.getElementById("spark-tasks").dataset.now) > 0);
		await becomes(page, () => /^[1-9]/.test(document.getElementById("progress").textContent));
		await becomes(page, () => document.querySelectorAll("#running tbody tr:not(.none)").length > 0);
		await becomes(page, () => document.querySelector("#jobs .chip")?.textContent === "ok");
		assert.match(await row(page, job).textContent(), /20 of 20/);
		await becomes(page, () => document.getElementById("progress").textContent === "0");
		await becomes(page, () => document.getElementById("spark-cores").dataset.now === "0");
		assert.match(await page.locator("#ended").textContent(), /20/);
		await becomes(page, () => document.getElementById("facts").textContent === "Idle.");
		const held = stint("submit", "--hold", "--name", "gone soon", "--", "true");
		await row(page, held).waitFor();
		assert.match(await row(page, held).textContent(), /held/);
		stint("cancel", held);
		await becomes(page, (n) => document.querySelector(`#jobs tr[data-job="${n}"] .chip`)?.textContent === "cancelled", held);
		stint("pause"); // of no job, but of the queue
		await becomes(page, () => /^Paused/.test(document.getElementById("facts").textContent));
		stint("resume");
		await becomes(page, () => document.getElementById("facts").textContent === "Idle.");
		stint("rm", held);
		await row(page, held).waitFor({state: "detached"});
	},

	async explores({page}) {
		await row(page, 1).locator("a").click();
		await becomes(page, () => document.querySelectorAll("#records tbody tr:not(.none)").length === 2);
		assert.match(await page.locator("#job-title").textContent(), /Job 1: two/);
		assert.match(await page.locator("#job-facts").textContent(), /2 of 2: 1 ok, 1 failed/);
		assert.strictEqual(await page.locator("#records tbody th a").first().textContent(), "bad", "what failed comes first");
		await page.locator("#only-bad").check();
		assert.strictEqual(await page.locator("#records tbody tr").count(), 1);
		await page.locator("#only-bad").uncheck();
		await page.locator("#task-filter").fill("works");
		assert.strictEqual(await page.locator("#records tbody tr").count(), 1);
		await page.locator("#task-filter").fill("");
		await page.locator("#records tbody a", {hasText: "bad"}).click();
		await page.locator("#task-body pre").first().waitFor();
		assert.match(await page.locator("#task-body").textContent(), /exit status 3/);
		assert.deepStrictEqual(await page.locator("#task-body pre").allTextContents(), ["said by bad\n", "complained\n"]);
		assert.strictEqual(await page.evaluate(() => document.activeElement.id), "details");
		await goBack(page);
		const [report] = await Promise.all([page.context().waitForEvent("page"), page.locator("#report").click()]);
		await report.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
		assert.match(await report.title(), /job 1: two/);
		assert.strictEqual(await report.locator("#table tbody tr").count(), 2);
		assert.ok(await report.locator("canvas.picture").first().isVisible());
		await report.close();
		await page.locator(".back a").click();
		await row(page, 1).waitFor();
	},

	async follows({page}, url, token, over) {
		await page.locator("#running tbody a", {hasText: "talker"}).click();
		await becomes(page, () => /and on/.test(document.getElementById("task-body").textContent));
		assert.match(await page.locator("#task-state").textContent(), /running/);
		fs.writeFileSync(over, "");
		await becomes(page, () => document.querySelector("#task-state .chip")?.textContent === "ok");
		assert.match(await page.locator("#task-body pre").textContent(), /and on/);
	},

	// Whatever tasks and clients say is text, wherever it is shown.
	async injected({page}) {
		await row(page, 1).waitFor();
		assert.ok((await row(page, 1).textContent()).includes("<img src=x onerror=window.pwned=7>"));
		await row(page, 1).locator("a").click();
		await becomes(page, () => document.querySelectorAll("#records tbody tr:not(.none)").length === 2);
		const records = await page.locator("#records").textContent();
		for (const said of ["<img src=x onerror=window.pwned=1>", "<b onclick=window.pwned=2>n</b>", "</script><script>window.pwned=5</script>"]) {
			assert.ok(records.includes(said), said);
		}
		const outputs = [];
		for (const link of await page.locator("#records tbody th a").all()) {
			await link.click();
			await page.locator("#task-body pre").first().waitFor();
			outputs.push(...await page.locator("#task-body pre").allTextContents());
			await goBack(page);
		}
		assert.deepStrictEqual(outputs, ["<script>window.pwned=3</script>\n", "<img src=x onerror=window.pwned=4>\n",
			"</pre><svg onload=window.pwned=6>\n"]);
		assert.strictEqual(await page.locator("img, svg, iframe, object, b").count(), 0);
		assert.strictEqual(await page.locator("script").count(), 1);
		const [report] = await Promise.all([page.context().waitForEvent("page"), page.locator("#report").click()]);
		await report.waitForFunction(() => document.documentElement.dataset.ready !== undefined);
		assert.strictEqual(await report.evaluate(() => window.pwned), undefined);
		const [output] = await Promise.all([page.context().waitForEvent("page"), page.locator("#all-output").click()]);
		await output.waitForLoadState();
		assert.strictEqual(await output.locator("img, svg, script").count(), 0, "it is text");
		assert.strictEqual(await output.evaluate(() => window.pwned), undefined);
		assert.strictEqual(await page.evaluate(() => window.pwned), undefined);
	},

	async changes({page}) {
		await row(page, 1).locator("a").click();
		await page.locator("#job-actions button", {hasText: "Resume"}).click();
		await becomes(page, () => document.querySelector("#job-state .chip")?.textContent === "ok");
		await page.locator("#queue-pause").click();
		await becomes(page, () => /^Paused/.test(document.getElementById("facts").textContent));
		await page.locator("#queue-pause", {hasText: "Resume"}).click();
		await becomes(page, () => document.getElementById("facts").textContent === "Idle.");
	},

	async keys({page}) {
		await row(page, 2).waitFor();
		await page.keyboard.press("ArrowDown");
		await becomes(page, () => document.querySelector("#jobs .chosen")?.dataset.job === "2");
		await page.keyboard.press("ArrowDown");
		await becomes(page, () => document.querySelector("#jobs .chosen")?.dataset.job === "1");
		await page.keyboard.press("Enter");
		await becomes(page, () => /^Job 1: alpha/.test(document.getElementById("job-title").textContent));
		await goBack(page);
		await page.keyboard.press("/");
		await page.keyboard.type("BETA");
		await becomes(page, () => document.querySelectorAll("#jobs tbody tr").length === 1);
		assert.match(await page.locator("#found").textContent(), /1 of 2 jobs/);
		await page.locator("#filter").fill("");
		await page.locator("#filter-phase").selectOption("ok");
		assert.match(await page.locator("#jobs tbody").textContent(), /alpha/);
		assert.strictEqual(await page.locator("#jobs tbody tr").count(), 1);
		await page.locator("#filter-phase").selectOption("held");
		assert.match(await page.locator("#jobs tbody").textContent(), /No job is like that/);
	},

	async darkens({page}) {
		const color = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const light = await color();
		await page.emulateMedia({colorScheme: "dark"});
		const dark = await color();
		assert.notStrictEqual(dark, light);
		await page.locator("#theme").click(); // light, whatever the system has
		assert.strictEqual(await color(), light);
		await page.locator("#theme").click();
		assert.strictEqual(await color(), dark);
		await page.emulateMedia({colorScheme: "light"});
		await page.reload();
		await page.waitForSelector("html[data-ready]");
		assert.strictEqual(await color(), dark, "it is remembered");
	},

	async accessible({page}, url) {
		const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
		const look = async (where) => {
			await page.evaluate(axe);
			for (const colorScheme of ["light", "dark"]) {
				await page.emulateMedia({colorScheme});
				const {violations} = await page.evaluate(() => window.axe.run());
				assert.deepStrictEqual(violations.map((each) => where + " " + colorScheme + " " + each.id + ": " +
					each.nodes.map((node) => node.html.slice(0, 150) + " " + node.failureSummary).join("; ")), []);
			}
		};
		await row(page, 1).waitFor();
		await look("queue");
		await row(page, 1).locator("a").click();
		await page.locator("#records tbody th a").first().click();
		await page.locator("#task-body pre").first().waitFor();
		await look("job");
		await goBack(page);
		await goBack(page);
		await page.reload();
		await row(page, 1).waitFor();
		const reached = [];
		for (let i = 0; i < 9; i++) {
			await page.keyboard.press("Tab");
			reached.push(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName));
		}
		const order = ["skip", "home", "theme", "logout", "filter", "filter-phase", "scroll", "A"];
		assert.deepStrictEqual(reached.filter((each) => order.includes(each)).slice(0, order.length), order, reached.join(" "));
		await page.locator("#logout").click();
		await page.waitForSelector("#token");
		await look("way in");
		void url;
	},
};

async function main() {
	const [topic, url, token, ...more] = process.argv.slice(2);
	const browser = await launch((request) => request.startsWith(url) || request.startsWith("data:"));
	const {page, bad} = browser;
	try {
		if (topic !== "enters") {
			await page.goto(url + "#" + token);
			await page.waitForSelector("html[data-ready]");
			await page.waitForFunction(() => document.getElementById("facts").textContent !== "");
			bad.splice(0, bad.length, ...bad.filter((each) => !each.includes("401"))); // the way in
		}
		await topics[topic](browser, url, token, ...more);
		assert.deepStrictEqual(bad.filter((each) => !(topic === "accessible" && each.includes("401")) &&
			!(topic === "follows" && each.includes("404"))), []);
	} finally {
		await browser.close();
	}
}

main().catch((error) => {
	console.error(error.stack);
	process.exitCode = 1;
});

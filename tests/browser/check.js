// SPDX-License-Identifier: ISC
// check: node check.js TOPIC REPORT.html; what a person would notice of a report, in Chromium.
// Exit status 0: it holds. Called by tests/e2e/report_html.bats.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const {open, shown, placeOf, near} = require("./browser.js");

const topics = {
	// Nothing is complained of or asked for; the areas hold what the summary says.
	async opens({page}) {
		assert.match(await page.title(), /stint/);
		assert.ok((await page.locator(".verdict").textContent()).length > 20);
		const runs = await page.locator("canvas.picture").count();
		assert.ok(runs >= 1);
		for (let i = 0; i < runs; i++) {
			const drawn = await shown(page, i);
			const summary = await page.evaluate((n) => report.runs[n].summary, i);
			near(drawn.coreSeconds, summary.user + summary.sys, 0.01);
			near(drawn.taskSeconds, summary.task_wall, 0.01);
		}
		assert.ok(await page.locator("#table tbody tr").count() > 0);
	},

	async zooms({page}) {
		const whole = await shown(page), picture = page.locator("canvas.picture").first();
		await page.locator("#zoom-in").click();
		const nearer = await shown(page);
		assert.ok(nearer.to - nearer.from < 0.7 * (whole.to - whole.from), "the button zooms");
		await picture.focus();
		await page.keyboard.press("+");
		const key = await shown(page);
		assert.ok(key.to - key.from < nearer.to - nearer.from, "the key zooms");
		await page.keyboard.press("-");
		near((await shown(page)).to, nearer.to, 0.01);
		await page.keyboard.press("0");
		assert.deepStrictEqual(await shown(page), whole);
		const box = await picture.boundingBox();
		await page.mouse.move(box.x + box.width / 2, box.y + 20);
		for (let i = 0; i < 50 && (await shown(page)).to === whole.to; i++) {
			await page.waitForTimeout(100); // a page that was just scrolled goes on scrolling
			await page.mouse.wheel(0, -200);
		}
		assert.ok((await shown(page)).to < whole.to, "the wheel zooms");
		await page.locator("#zoom-fit").click();
		assert.deepStrictEqual(await shown(page), whole);
		await page.keyboard.down("Shift");
		await page.mouse.move(box.x + 300, box.y + 20);
		await page.mouse.down();
		await page.mouse.move(box.x + 500, box.y + 20, {steps: 4});
		await page.mouse.up();
		await page.keyboard.up("Shift");
		const chosen = await shown(page);
		near(chosen.to - chosen.from, 200 / (box.width - 118) * (whole.to - whole.from), 0.05);
	},

	async pans({page}) {
		const picture = page.locator("canvas.picture").first();
		await picture.focus();
		await page.keyboard.press("+");
		await page.keyboard.press("+");
		const before = await shown(page);
		await page.keyboard.press("ArrowRight");
		const right = await shown(page);
		assert.ok(right.from > before.from, "the arrow pans");
		near(right.to - right.from, before.to - before.from, 0.001);
		await page.keyboard.press("ArrowLeft");
		near((await shown(page)).to, before.to, 0.001);
		await page.keyboard.press("Home");
		assert.strictEqual((await shown(page)).from, 0);
		await page.keyboard.press("End");
		const end = await shown(page), box = await picture.boundingBox();
		await page.mouse.move(box.x + 400, box.y + 20);
		await page.mouse.down();
		await page.mouse.move(box.x + 500, box.y + 20, {steps: 4});
		await page.mouse.up();
		const dragged = await shown(page);
		assert.ok(dragged.from < end.from, "dragging pans");
	},

	async hovers({page}) {
		const place = await placeOf(page, "compute.1");
		await page.mouse.move(place.x, place.y);
		const tip = await page.locator("#tip").textContent();
		for (const word of ["compute.1", "ok", "250 ms", "cpu, on worker 0"]) {
			assert.ok(tip.includes(word), word + " is not in: " + tip);
		}
		await page.mouse.click(place.x, place.y);
		assert.ok(await page.locator("#details").isVisible());
		assert.ok((await page.locator("#details").textContent()).includes("said by compute.1"));
		await page.locator("canvas.picture").first().focus();
		await page.keyboard.press("ArrowDown");
		await page.keyboard.press("Enter");
		assert.ok(!(await page.locator("#details h2").textContent()).includes("compute.1"), "the next task");
		assert.strictEqual(await page.evaluate(() => document.activeElement.id), "details");
		await page.keyboard.press("Escape");
		assert.ok(await page.locator("#details").isHidden());
		await page.mouse.move(place.x, (await page.locator("canvas.picture").first().boundingBox()).y - 3);
		assert.ok(await page.locator("#tip").isHidden());
	},

	async searches({page}) {
		const rows = () => page.locator("#table tbody tr").count();
		const all = await rows();
		await page.keyboard.press("/");
		await page.keyboard.type("COMPUTE");
		assert.strictEqual(await page.locator("#found").textContent(), "2 of 6 tasks");
		assert.strictEqual(await rows(), 2);
		await page.keyboard.press("Enter");
		assert.strictEqual(await page.locator("#details h2").textContent(), "compute.1");
		await page.keyboard.press("Enter");
		assert.strictEqual(await page.locator("#details h2").textContent(), "compute.2");
		await page.keyboard.press("Escape");
		assert.strictEqual(await rows(), all);
		await page.locator("#search").fill("no such task");
		assert.strictEqual(await page.locator("#found").textContent(), "no task");
		await page.locator("#search").fill("is broken"); // of an error
		assert.strictEqual(await rows(), 1);
		await page.locator("#search").fill("");
		await page.locator("#filter-status").selectOption({label: "failed (1)"});
		assert.strictEqual(await page.locator("#table tbody th").textContent(), "broken");
		await page.locator("#filter-status").selectOption("");
		await page.locator("#filter-class").selectOption({label: "wait (4)"});
		assert.strictEqual(await rows(), 4);
	},

	async sorts({page}) {
		const ids = () => page.locator("#table tbody th").allTextContents();
		const heading = (name) => page.locator("#table thead th", {hasText: name});
		await heading("Wall").getByRole("button").click();
		const up = await ids();
		assert.strictEqual(await heading("Wall").getAttribute("aria-sort"), "ascending");
		await heading("Wall").getByRole("button").click();
		assert.strictEqual(await heading("Wall").getAttribute("aria-sort"), "descending");
		assert.strictEqual(await heading("Start").getAttribute("aria-sort"), "none");
		assert.strictEqual((await ids())[0], "wait.10");
		assert.strictEqual(up[up.length - 1], "wait.10");
		await heading("Id").getByRole("button").click();
		assert.deepStrictEqual(await ids(), ["broken", "compute.1", "compute.2", "wait.2", "wait.9", "wait.10"]);
	},

	async darkens({page}) {
		const color = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const light = await color();
		const pixel = () => page.locator("canvas.picture").first().evaluate((canvas) => canvas.toDataURL());
		const picture = await pixel();
		await page.emulateMedia({colorScheme: "dark"});
		await shown(page);
		const dark = await color();
		assert.notStrictEqual(dark, light);
		assert.notStrictEqual(await pixel(), picture, "the picture, too");
		await page.locator("#theme").click(); // light, whatever the system has
		assert.strictEqual(await color(), light);
		await page.locator("#theme").click();
		assert.strictEqual(await color(), dark);
		await page.reload();
		assert.strictEqual(await color(), dark, "it is remembered");
	},

	async prints({page}, out) {
		await page.emulateMedia({colorScheme: "dark"});
		await page.pdf({path: out, format: "A4"});
		assert.ok(fs.statSync(out).size > 20000, "there is a picture in it");
		assert.strictEqual(await page.evaluate(() => document.documentElement.className), "", "and after it all is as before");
		await page.emulateMedia({media: "print"});
		assert.ok(await page.locator("#toolbar").isHidden());
		assert.ok(await page.locator("canvas.picture").first().isVisible());
	},

	// An attempt that failed has a bar of its own, and a place in the record.
	async retries({page}) {
		assert.match(await page.locator("#legend").textContent(), /earlier attempt/);
		const place = await placeOf(page, "twice");
		await page.mouse.click(place.x, place.y);
		assert.match(await page.locator("#details").textContent(), /Attempts.*failed at 100 ms, took 200 ms, worker 1/);
		await page.locator("#details button", {hasText: "first"}).click(); // what it needs
		assert.strictEqual(await page.locator("#details h2").textContent(), "first");
		assert.match(await page.locator("#details").textContent(), /Needed by.*twice/);
		await page.locator("#path").check();
		const pictured = await page.evaluate(() => report.runs[0].path.map((task) => report.runs[0].id[task]));
		assert.deepStrictEqual(pictured, ["first", "twice"]);
	},

	async several({page}) {
		assert.strictEqual(await page.locator("canvas.picture").count(), 2);
		assert.deepStrictEqual(await page.locator(".panel h3 .label").allTextContents(), ["one.out", "other.out"]);
		await page.locator("#zoom-in").click();
		const [one, other] = [await shown(page, 0), await shown(page, 1)];
		assert.deepStrictEqual([one.from, one.to], [other.from, other.to]);
		await page.locator("#filter-run").selectOption({label: "other.out"});
		assert.match(await page.locator("#found").textContent(), /^1 of /);
	},

	// What a task said, its id and its errors are text, whatever is in them.
	async injected({page}) {
		await page.locator("#table tbody button").first().click();
		const details = await page.locator("#details").textContent();
		assert.ok(details.includes("</script><img src=x onerror=document.title='got'>"), details);
		assert.ok(details.includes("<!-- <script>"), details);
		assert.strictEqual(await page.locator("img, iframe, object, base").count(), 0);
		assert.strictEqual(await page.locator("script").count(), 2);
		assert.ok(!(await page.title()).includes("got"));
	},

	// And if one got in, the policy would stop it.
	async policed({page, bad}) {
		await page.evaluate(() => {
			document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=\"document.title='got'\">");
			const script = document.createElement("script");
			script.textContent = "document.title = 'got'";
			document.body.append(script);
		});
		await page.waitForFunction(() => document.querySelector("img").complete);
		assert.ok(!(await page.title()).includes("got"));
		assert.ok(bad.some((each) => each.includes("policy: img-src")), bad.join("\n"));
		assert.ok(bad.some((each) => each.includes("policy: script-src")), bad.join("\n"));
		bad.length = 0;
	},

	// 100,000 tasks: it answers, and each of them can be found.
	async large({page, opened}) {
		const began = performance.now();
		await page.locator("#zoom-in").click();
		await shown(page);
		const ready = await page.evaluate(() => Number(document.documentElement.dataset.ready));
		console.log("open " + Math.round(opened) + " ms, drawn after " + ready + " ms, first zoom " +
			Math.round(performance.now() - began) + " ms");
		await page.locator("#search").fill("77777");
		assert.strictEqual(await page.locator("#found").textContent(), "1 of 100,000 tasks");
		await page.locator("#search").press("Enter");
		assert.match(await page.locator("#details").textContent(), /77777/);
		await page.keyboard.press("Escape");
		await page.keyboard.press("Escape");
		await page.locator("#pages button", {hasText: "Last"}).click();
		assert.match(await page.locator("#pages").textContent(), /99,901–100,000 of 100,000/);
		await page.locator("canvas.picture").first().scrollIntoViewIfNeeded();
		const picture = await page.locator("canvas.picture").first().boundingBox();
		await page.mouse.move(picture.x + picture.width / 2, picture.y + 40);
		assert.match(await page.locator("#tip").textContent(), /status/);
	},

	async accessible({page}) {
		await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
		for (const colorScheme of ["light", "dark"]) {
			await page.emulateMedia({colorScheme});
			await page.locator("#table tbody button").first().click();
			const {violations} = await page.evaluate(() => axe.run());
			assert.deepStrictEqual(violations.map((each) => colorScheme + " " + each.id + ": " +
				each.nodes.map((node) => node.html.slice(0, 150) + " " + node.failureSummary).join("; ")), []);
			await page.keyboard.press("Escape");
		}
		await page.reload();
		const reached = [];
		for (let i = 0; i < 12; i++) {
			await page.keyboard.press("Tab");
			reached.push(await page.evaluate(() => document.activeElement.id || document.activeElement.className));
		}
		const order = ["skip", "theme", "search", "filter-status", "zoom-in", "help", "picture"];
		assert.deepStrictEqual(reached.filter((each) => order.includes(each)), order, reached.join(" "));
	},
};

async function main() {
	const [topic, file, ...more] = process.argv.slice(2);
	const browser = await open(file);
	try {
		await topics[topic](browser, ...more);
		assert.deepStrictEqual(browser.bad, []);
	} finally {
		await browser.close();
	}
}

main().catch((error) => {
	console.error(error.stack);
	process.exitCode = 1;
});

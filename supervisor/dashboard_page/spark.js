// spark: a measure over the last minutes: steps, since each value holds until the next one came.

function sparkDraw(canvas, field, color, most) {
	const ratio = Math.min(3, window.devicePixelRatio || 1), width = canvas.clientWidth, height = canvas.clientHeight;
	if (width === 0) {
		return;
	}
	canvas.width = Math.round(width * ratio);
	canvas.height = Math.round(height * ratio);
	const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
	const ink = style.getPropertyValue(color).trim(), to = nowUs(), from = to - HISTORY_US;
	const top = Math.max(most, 1, ...state.history.map((each) => each[field]));
	const x = (at) => Math.max(0, (at - from) / HISTORY_US) * width, y = (value) => height - 1 - (height - 3) * value / top;
	pen.scale(ratio, ratio);
	pen.fillStyle = style.getPropertyValue("--line").trim();
	pen.fillRect(0, height - 1, width, 1);
	if (most > 0) {
		pen.fillRect(0, y(most), width, 1);
	}
	if (state.history.length === 0) {
		return;
	}
	pen.beginPath();
	pen.moveTo(x(state.history[0].at), height - 1);
	let before = 0;
	for (const each of state.history) {
		pen.lineTo(x(each.at), y(before));
		pen.lineTo(x(each.at), y(each[field]));
		before = each[field];
	}
	pen.lineTo(width, y(before));
	pen.strokeStyle = ink;
	pen.lineWidth = 1.5;
	pen.stroke();
	pen.lineTo(width, height - 1);
	pen.closePath();
	pen.globalAlpha = 0.22;
	pen.fillStyle = ink;
	pen.fill();
	canvas.dataset.now = String(before);
}

function sparksDraw() {
	sparkDraw(byId("spark-cores"), "cores", "--cores", state.status === null ? 0 : state.status.cores);
	sparkDraw(byId("spark-tasks"), "tasks", "--tasks", 0);
}

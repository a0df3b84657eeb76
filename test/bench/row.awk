# row.awk - one row of the table, from lines of a name and two figures
#
# The medians of both sides, and of the ratios of what was measured together;
# then between which ratios the middle half of them lies.
#
# Variables: name and scale of the figures, text of the row, and its goal if
# it has one: of what (chat or ratio), way (most or least), limit.

function sort(a, n,	i, j, x)
{
	for (i = 2; i <= n; i++) {
		x = a[i]
		for (j = i - 1; j > 0 && a[j] > x; j--)
			a[j + 1] = a[j]
		a[j + 1] = x
	}
}

function median(a, n)
{
	sort(a, n)
	return (a[int((n + 1) / 2)] + a[int(n / 2) + 1]) / 2
}

function show(x)
{
	return sprintf(x < 10 ? "%.2f" : x < 1000 ? "%.1f" : "%.0f", x)
}

function goal(x)
{
	if (what == "")
		return ""
	return sprintf("  %s %s: %s", way, limit,
	    (way == "most" ? x <= limit : x >= limit) ? "met" : "MISSED")
}

$1 == name && $2 > 0 && $3 > 0 {
	chat[++n] = $2 * scale
	bare[n] = $3 * scale
	ratio[n] = $2 / $3
}

END {
	if (n == 0) {
		printf "  %-36s %9s %9s\n", text, "-", "-"
		exit
	}
	c = median(chat, n)
	r = median(ratio, n)
	middle = sprintf("%.2f-%.2f", ratio[int(n / 4) + 1],
	    ratio[n - int(n / 4)])
	printf "  %-36s %9s %9s %6.2f  %-9s%s\n", text, show(c),
	    show(median(bare, n)), r, middle, goal(what == "chat" ? c : r)
}

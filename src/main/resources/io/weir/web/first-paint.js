// Runs before the page is first drawn, which modules do not: what was chosen must not come as a flash.
document.documentElement.dataset.theme = localStorage.getItem("weir.theme") ?? "auto";

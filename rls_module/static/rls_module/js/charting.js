/* What charting gains from a script: places while they are typed, and a body chart that can be picked from. */
(function () {
  "use strict";

  // --- Places while they are typed: <input data-suggest="places">, a combobox over the server's own search.
  var WAIT = 90; // milliseconds of quiet before the server is asked
  var sequence = 0;

  function suggesting(input) {
    var list = document.createElement("ul");
    var own = (input.id || "place-" + ++sequence) + "-list";
    var waiting, asked = 0, picked = -1;
    list.id = own;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels && input.labels[0] ? input.labels[0].textContent.trim() : "");
    list.hidden = true;
    input.insertAdjacentElement("afterend", list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", own);

    function close() {
      list.hidden = true;
      picked = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(next) {
      var options = list.children;
      if (!options.length) return;
      picked = (next + options.length) % options.length;
      Array.prototype.forEach.call(options, function (option, at) {
        option.setAttribute("aria-selected", String(at === picked));
      });
      input.setAttribute("aria-activedescendant", options[picked].id);
      options[picked].scrollIntoView({ block: "nearest" });
    }

    function take(option) {
      input.value = option.getAttribute("data-text");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      window.clearTimeout(waiting);
      asked += 1;
      close();
    }

    function show(found) {
      list.textContent = "";
      found.forEach(function (one, at) {
        var option = document.createElement("li");
        var hint = document.createElement("small");
        option.id = own + "-" + at;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.setAttribute("data-text", one.text);
        option.textContent = one.text + " ";
        hint.textContent = one.hint || (one.name !== one.text ? one.name : "");
        option.appendChild(hint);
        list.appendChild(option);
      });
      picked = -1;
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
    }

    function ask() {
      var mine = ++asked, text = input.value.trim();
      if (!text) return close();
      var address = input.form.getAttribute("data-places") || "";
      window
        .fetch(address + "?q=" + encodeURIComponent(text), { headers: { Accept: "application/json" } })
        .then(function (response) {
          return response.ok ? response.json() : { places: [] };
        })
        .then(function (said) {
          if (mine === asked && document.activeElement === input) show(said.places);
        })
        .catch(close); // offline: the field is still a field
    }

    input.addEventListener("input", function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", function (event) {
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        mark(picked + (event.key === "ArrowDown" ? 1 : picked < 0 ? 0 : -1));
      } else if (event.key === "Enter" && picked >= 0) {
        take(list.children[picked]);
      } else if (event.key === "Escape") {
        close();
      } else {
        return;
      }
      event.preventDefault();
    });
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", function (event) {
      event.preventDefault(); // the field keeps the focus
    });
    list.addEventListener("click", function (event) {
      var option = event.target.closest("[role=option]");
      if (option) take(option);
    });
  }

  document.querySelectorAll(".rls [data-suggest=places]").forEach(suggesting);

  // --- The body chart: its regions become buttons; one of each figure is in the tab order, arrows go on from it.
  function centre(spot) {
    var box = spot.getBBox();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  function nearest(spots, from, key) {
    var here = centre(from), best = null, least = Infinity;
    spots.forEach(function (spot) {
      var there = centre(spot), x = there.x - here.x, y = there.y - here.y;
      var along = { ArrowRight: x, ArrowLeft: -x, ArrowDown: y, ArrowUp: -y }[key];
      var aside = key === "ArrowRight" || key === "ArrowLeft" ? Math.abs(y) : Math.abs(x);
      if (spot !== from && along > 1 && along + 2 * aside < least) {
        least = along + 2 * aside;
        best = spot;
      }
    });
    return best;
  }

  function emptyRow(kind) {
    var rows = document.querySelectorAll('.rls [data-row="' + kind + '"]');
    return Array.prototype.find.call(rows, function (row) {
      var place = row.querySelector("[data-suggest=places]");
      var dropped = row.querySelector('input[name$="-drop"]');
      return place && !place.value.trim() && !(dropped && dropped.checked);
    });
  }

  function addRow(kind) {
    var rows = document.querySelectorAll('.rls [data-row="' + kind + '"]');
    var total = document.querySelector('input[name="' + kind + '-TOTAL_FORMS"]');
    var last = rows[rows.length - 1], row = last.cloneNode(true);
    var from = kind + "-" + (rows.length - 1) + "-", to = kind + "-" + rows.length + "-";
    row.querySelectorAll("*").forEach(function (one) {
      ["name", "id", "for", "aria-describedby", "aria-controls"].forEach(function (name) {
        var value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.split(from).join(to));
      });
      if (one.matches(".error, .suggestions")) one.remove();
      if (one.matches("input[type=radio], input[type=checkbox]")) one.checked = false;
      else if (one.matches("input")) one.value = "";
      else if (one.matches("select")) one.selectedIndex = 0;
      one.classList.remove("invalid");
    });
    var legend = row.querySelector("legend");
    if (legend) legend.textContent = legend.textContent.replace(/\d+/, String(rows.length + 1));
    last.insertAdjacentElement("afterend", row);
    total.value = String(rows.length + 1);
    row.querySelectorAll("[data-suggest=places]").forEach(suggesting);
    return row;
  }

  function pick(chart, spot) {
    var kind = chart.getAttribute("data-picks");
    var row = emptyRow(kind) || addRow(kind);
    var place = row.querySelector("[data-suggest=places]");
    place.value = spot.getAttribute("data-place");
    place.dispatchEvent(new Event("change", { bubbles: true }));
    chart.querySelector(".picked").textContent = spot.getAttribute("data-name");
    row.querySelector("select").focus();
  }

  document.querySelectorAll(".rls .body-chart[data-picks]").forEach(function (chart) {
    chart.querySelectorAll("svg").forEach(function (figure) {
      var spots = Array.prototype.slice.call(figure.querySelectorAll(".spot"));
      figure.setAttribute("role", "group");
      figure.setAttribute("aria-label", figure.getAttribute("data-figure") + ". " + chart.getAttribute("data-pick-help"));
      spots.forEach(function (spot, at) {
        spot.setAttribute("role", "button");
        spot.setAttribute("aria-label", spot.getAttribute("data-name"));
        spot.setAttribute("tabindex", at ? "-1" : "0");
        var title = document.createElementNS(figure.namespaceURI, "title");
        title.textContent = spot.getAttribute("data-name");
        spot.appendChild(title);
      });
      figure.addEventListener("click", function (event) {
        var spot = event.target.closest(".spot");
        if (spot) pick(chart, spot);
      });
      figure.addEventListener("keydown", function (event) {
        var spot = event.target.closest(".spot");
        if (!spot) return;
        if (event.key === "Enter" || event.key === " ") {
          pick(chart, spot);
        } else {
          var next = nearest(spots, spot, event.key);
          if (!next) return;
          spot.setAttribute("tabindex", "-1");
          next.setAttribute("tabindex", "0");
          next.focus();
        }
        event.preventDefault();
      });
    });
  });
})();

package io.weir.config;

import io.weir.config.Entry.Group;
import io.weir.config.Entry.Items;
import io.weir.config.Entry.Leaf;
import io.weir.config.Entry.Named;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Writes {@code docs/configuration.md} from {@link ConfigSchema}. */
final class ConfigurationPage {

  private static final String INTRODUCTION =
      """
      # Configuration

      <!-- Written by ConfigurationPageTest from ConfigSchema. To change it, change that, and run
           mvn test -Dtest=ConfigurationPageTest -Dweir.docs=write -->

      Without any configuration, `weir serve` answers on port 5000 for the registries that are listed
      under [`upstreams`](#upstreams). Every key is optional.

      The first of these files that is there is read, and no other: the one that `--config` names,
      the one that `$WEIR_CONFIG` names, `./weir.yaml`, `/etc/weir/weir.yaml`. The options `--listen`,
      `--admin`, `--data` and `--upstream NAME[=URL]` win over the file; an upstream that is given so
      is added to the listed ones.

      The file is YAML. Relative paths in it are relative to its own folder. A duration is a number
      with `ms`, `s`, `m`, `h` or `d` after it, or `0`. A size is a number of bytes, or one with a unit
      after it: `10Gi` is 10·1024³ bytes, `10G` is 10·1000³, and so on from `Ki` and `k` to `Ei` and
      `E`. An unknown key, a value of another type and keys that do not go together are refused at the
      start, all at once, with file, line and what was expected; the exit status is then 2.
      `weir config check` does only that and prints what holds with all defaults; `weir config schema`
      prints a JSON Schema, with which editors help.

      ```yaml
      registry:
        listen: 127.0.0.1:5000
      store:
        max-size: 500Gi
      retention:
        ttl: 30d
        pins: ['registry.k8s.io/**', 'docker.io/library/alpine:3.*']
      tags:
        rules:
          - {match: '^v?\\d+\\.\\d+\\.\\d+$', refresh: 24h}
      upstreams:
        docker.io:
          credentials: {username: me, password-file: /run/secrets/hub}
        quay.io:
          aliases: [quay]
        ghcr.io:
        mirror:
          urls: [http://10.0.0.4:5000, http://10.0.0.5:5000]
          allow: ['library/*', 'team-a/**']
      ```
      """;

  private final StringBuilder page = new StringBuilder(INTRODUCTION);

  /** The sections that were written, and where. */
  private final Map<Section<?>, String> written = new HashMap<>();

  private ConfigurationPage() {}

  static String text() {
    ConfigurationPage writer = new ConfigurationPage();
    ConfigSchema.ROOT.entries().forEach(entry -> writer.chapter("", entry));
    return writer.page.toString();
  }

  private void chapter(String above, Entry<?> entry) {
    String path = Values.below(above, entry.name());
    switch (entry) {
      case Leaf<?, ?> _ -> {}
      case Group<?, ?> group -> {
        heading(path, group);
        if (!group.standardText().isEmpty()) {
          line("Default: " + group.standardText() + ".");
        }
        section(path, group.section());
      }
      case Items<?, ?> items -> {
        heading(path + "[]", items);
        section(path + "[]", items.item());
      }
      case Named<?, ?> named -> {
        heading(path, named);
        line(
            "Each is "
                + plain(named.key().expected())
                + ". Default: "
                + named.standardText()
                + ".");
        section(path + ".NAME", named.section());
      }
    }
  }

  private void heading(String path, Entry<?> entry) {
    page.append("\n## ").append(path).append("\n");
    line(entry.text());
  }

  private void line(String text) {
    page.append('\n').append(text).append('\n');
  }

  private void section(String path, Section<?> section) {
    String elsewhere = written.putIfAbsent(section, path);
    if (elsewhere != null) {
      line("The keys are those of " + link(elsewhere) + ".");
      return;
    }
    page.append("\n| key | value | default | what it does |\n|---|---|---|---|\n");
    section.entries().forEach(entry -> row(path, entry));
    section.entries().forEach(entry -> chapter(path, entry));
  }

  private void row(String path, Entry<?> entry) {
    String below = Values.below(path, entry.name());
    String[] valueAndStandard =
        switch (entry) {
          case Leaf<?, ?> leaf -> new String[] {plain(leaf.type().expected()), standard(leaf)};
          case Group<?, ?> group -> new String[] {"a map, see " + link(below), ""};
          case Items<?, ?> items -> new String[] {"a list, see " + link(below + "[]"), "none"};
          case Named<?, ?> named -> new String[] {"a map, see " + link(below), ""};
        };
    page.append(
        "| `%s` | %s | %s | %s |\n"
            .formatted(
                entry.name(),
                cell(valueAndStandard[0]),
                cell(valueAndStandard[1]),
                cell(entry.text())));
  }

  private static String standard(Leaf<?, ?> leaf) {
    if (leaf.required()) {
      return "required";
    }
    return leaf.printedStandard()
        .map(value -> '`' + value.toString() + '`')
        .orElse(leaf.standardText());
  }

  private static String link(String chapter) {
    String anchor = chapter.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "");
    return "[" + chapter + "](#" + anchor + ")";
  }

  /** A text that is no Markdown, as Markdown. */
  private static String plain(String text) {
    return text.replaceAll("[*_\\[\\]\\\\]", "\\\\$0");
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}

package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.weir.config.Config;
import io.weir.config.ConfigLoader;
import io.weir.config.Overrides;
import io.weir.config.Surroundings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.toml.TomlMapper;

/** What a runtime is told of a configuration, read back by parsers that are not ours. */
final class Told {

  /** Upstreams of every kind: well-known, with a port, with URLs only, with a path. */
  static final String UPSTREAMS =
      """
      upstreams:
        docker.io:
        quay.io: {listen: '0.0.0.0:5010'}
        reg.example.net:5443: {aliases: [reg]}
        lab: {urls: ['http://10.0.0.4:5000', 'https://10.0.0.5:5000']}
        ocp4-mirror: {url: 'https://quay.io/openshift-release-dev'}
      """;

  /** The same by TLS, for those with a certificate. */
  static final String MUTUAL_TLS =
      "registry: {tls: {cert: tls.crt, key: tls.key, client-ca: ca.crt}}\n" + UPSTREAMS;

  /** A certificate of an authority that signed nothing. */
  static final CaBundle CA =
      CaBundle.parse(
          """
          -----BEGIN CERTIFICATE-----
          MIIBbzCCARWgAwIBAgIUf6iiYoy/QZ1ZaWFLbx5DYSG5a84wCgYIKoZIzj0EAwIw
          DTELMAkGA1UEAwwCY2EwHhcNMjYxMTI2MDI1MDQ1WhcNMjYxMjA2MDI1MDQ1WjAN
          MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJgmyvSYEj7o
          kY4ocL2WR+x5ajiC7RvEg5emojBHt5kvYpvfm3hMLYrXnPT6SA4cYpuCntNRWnsz
          m8ciY3n8iwejUzBRMB0GA1UdDgQWBBQWzBQM23l2cnqlVevsTV8A3rEXCDAfBgNV
          HSMEGDAWgBQWzBQM23l2cnqlVevsTV8A3rEXCDAPBgNVHRMBAf8EBTADAQH/MAoG
          CCqGSM49BAMCA0gAMEUCIQCyFpgKe8x3I2YDdYFSmWGjXEF0zdbDnHUDS1TXTeRX
          LAIgf5GkJbSDEKNCe1bK3zgxNCDSkL+PbI4nyexoJHo7Tsk=
          -----END CERTIFICATE-----
          """);

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private final ClientConfig told;

  private Told(ClientConfig told) {
    this.told = told;
  }

  static Told to(ContainerRuntime runtime, Mirror mirror) {
    return new Told(runtime.configFor(mirror));
  }

  static Config config(String yaml) {
    Surroundings surroundings =
        new Surroundings(Map.of(), Path.of("/srv"), Path.of("/home/user"), false);
    return new ConfigLoader(surroundings)
        .parse(yaml, "weir.yaml", Path.of("/etc/weir"), Overrides.NONE);
  }

  static Wishes wishes(String host) {
    return new Wishes(Optional.of(host), "machine", Optional.of(CA), false, List.of());
  }

  /** As nodes see a server on the host {@code cache}. */
  static Mirror mirror(String yaml) {
    return Mirror.of(config(yaml), wishes("cache"));
  }

  static Mirror onlyMirror(String yaml) {
    return Mirror.of(
        config(yaml),
        new Wishes(Optional.of("cache"), "machine", Optional.of(CA), true, List.of()));
  }

  /** The mirror, as if it wanted a name and a password too. */
  static Mirror withLogin(Mirror mirror) {
    return new Mirror(
        mirror.https(),
        mirror.routes(),
        mirror.ca(),
        mirror.onlyMirror(),
        true,
        mirror.needsClientCertificate(),
        mirror.notes());
  }

  List<ClientFile> files() {
    return told.files();
  }

  List<String> paths() {
    return told.files().stream().map(ClientFile::path).toList();
  }

  String notes() {
    return String.join("\n", told.notes());
  }

  /** The text of the only file whose path ends so. */
  String text(String end) {
    List<ClientFile> found =
        told.files().stream().filter(file -> file.path().endsWith(end)).toList();
    assertThat(found).as("%s among %s", end, paths()).hasSize(1);
    return found.getFirst().text();
  }

  JsonNode toml(String end) {
    return TomlMapper.builder().build().readTree(text(end));
  }

  JsonNode json(String end) {
    return JSON.readTree(text(end));
  }

  /** The one document. */
  JsonNode yaml(String end) {
    List<JsonNode> documents = documents(end);
    assertThat(documents).hasSize(1);
    return documents.getFirst();
  }

  List<JsonNode> documents(String end) {
    return parse(text(end));
  }

  static List<JsonNode> parse(String yaml) {
    List<JsonNode> documents = new ArrayList<>();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(yaml)
        .forEach(document -> documents.add(JSON.valueToTree(document)));
    return documents;
  }

  /** Holds a document to the schema of the project that reads it. */
  static void assertValid(JsonNode document, String schema) {
    assertThat(errors(document, schema)).as("%s by %s", document, schema).isEmpty();
  }

  static List<?> errors(JsonNode document, String name) {
    try (InputStream in =
        Objects.requireNonNull(Told.class.getResourceAsStream(name + ".json"), name)) {
      Schema schema = SCHEMAS.getSchema(JSON.readTree(in));
      return schema.validate(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

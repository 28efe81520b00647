#include "services/model_deployment/bleu.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"

namespace keyward::model_deployment {
namespace {

// The expectations are what sacreBLEU 2 (tokenizer 13a) says of the same texts.

const char* const kOurs[] = {"La clave de cifrado está almacenada en la bóveda.",
                             "El tono de encriptación está guardado.",
                             "Pulse Intro para continuar (o Esc).",
                             "No se pudo abrir «%s»: 1,024.5 bytes",
                             "Error -5: the file 3-4 a-b &amp; &quot;x&quot;",
                             "¿Qué hora es? Son las 10:30."};
const char* const kTheirs[] = {
    "La clave de cifrado se guarda en la bóveda.", "La clave de cifrado está guardada.",
    "Pulse Intro para continuar (o Esc).",         "No se puede abrir «%s»: 1,024.5 bytes",
    "Error -5: the file 3-4 a-b & \"x\"",          "¿Qué hora es? Son las 10:30 h."};

double Score(int sentences, const char* const* hypotheses, const char* const* references) {
  BleuScorer scorer;
  for (int i = 0; i < sentences; ++i) scorer.Add(hypotheses[i], references[i]);
  return scorer.Score();
}

TEST(Bleu, GivesTheFiguresOfTheReferenceImplementation) {
  EXPECT_NEAR(Score(1, kOurs, kTheirs), 52.53819788848316, 1e-9);
  EXPECT_NEAR(Score(2, kOurs, kTheirs), 34.688811959944275, 1e-9);
  EXPECT_NEAR(Score(3, kOurs, kTheirs), 59.00178498963862, 1e-9);
  EXPECT_NEAR(Score(6, kOurs, kTheirs), 74.90187937496324, 1e-9);
  EXPECT_NEAR(Score(6, kTheirs, kOurs), 74.66157594189245, 1e-9);
  EXPECT_NEAR(Score(6, kTheirs, kTheirs), 100, 1e-9);
}

TEST(Bleu, SmoothsAsTheReferenceDoesAndIsZeroWhereNothingMatches) {
  const char* a[] = {"a b c d e"};
  const char* b[] = {"a b x d e"};
  EXPECT_NEAR(Score(1, a, b), 30.213753973567677, 1e-9);
  const char* unlike[] = {"nothing alike here at all"};
  const char* other[] = {"total difference seen everywhere today"};
  EXPECT_EQ(Score(1, unlike, other), 0);
  const char* brief[] = {"the cat"};
  const char* full[] = {"the cat sat on the mat"};
  EXPECT_EQ(Score(1, brief, full), 0);
  EXPECT_EQ(BleuScorer().Score(), 0);
}

TEST(Bleu, TokenizesAs13a) {
  struct Case {
    const char* sentence;
    const char* tokens;
  };
  for (const Case& c : {
           Case{"Pulse Intro para continuar (o Esc).", "Pulse Intro para continuar ( o Esc ) ."},
           Case{"No se pudo abrir «%s»: 1,024.5 bytes", "No se pudo abrir « % s» : 1,024.5 bytes"},
           Case{"Error -5: the file 3-4 a-b &amp; &quot;x&quot;",
                "Error -5 : the file 3 - 4 a-b & \" x \""},
           Case{"¿Qué hora es? Son las 10:30.", "¿Qué hora es ? Son las 10 : 30 ."},
           Case{"a,b 1,2 1.2. .5 x.5 5.x end.", "a , b 1,2 1.2 . . 5 x . 5 5 . x end ."},
           Case{"[a]{b}~c|d^e_f`g", "[ a ] { b } ~ c | d ^ e _ f ` g"},
           Case{"a/b\\c@d#e$f%g&h*i+j=k<l>m:n;o!p?q\"r's",
                "a / b \\ c @ d # e $ f % g & h * i + j = k < l > m : n ; o ! p ? q \" r's"},
           Case{"2012-13 x-ray -1", "2012 - 13 x-ray -1"},
           Case{"ñ.ñ 鍵。a", "ñ . ñ 鍵。a"},
           Case{"", ""},
       }) {
    EXPECT_EQ(absl::StrJoin(TokenizeForBleu(c.sentence), " "), c.tokens);
  }
}

}  // namespace
}  // namespace keyward::model_deployment
